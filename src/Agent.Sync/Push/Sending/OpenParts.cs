using System.Diagnostics.CodeAnalysis;

namespace Agent.Sync.Push.Sending;

/// <summary>The parts of one batch that are still to be sent. Used by one caller at a time.</summary>
internal sealed class OpenParts
{
    private readonly List<BatchPart> _parts;

    public OpenParts(int count) => _parts = [new BatchPart(0, count, before: null)];

    /// <summary>Takes the next part: in the order of the changes, or the largest, of which the first.</summary>
    public bool TryTake(bool largestFirst, [NotNullWhen(true)] out BatchPart? part)
    {
        part = null;
        if (_parts.Count == 0)
        {
            return false;
        }

        var chosen = _parts.Count - 1;
        for (var index = chosen - 1; largestFirst && index >= 0; index--)
        {
            chosen = _parts[index].Count > _parts[chosen].Count ? index : chosen;
        }

        part = _parts[chosen];
        _parts.RemoveAt(chosen);
        return true;
    }

    /// <summary>Puts back the two halves of a part that did not go through.</summary>
    /// <param name="part">The part.</param>
    /// <param name="isSize">Whether it was too much at once, so that neither half need hold a bad row.</param>
    public void Halve(BatchPart part, bool isSize)
    {
        var half = part.Count / 2;
        var first = new BatchPart(part.Start, half, before: null);
        _parts.Add(new BatchPart(part.Start + half, part.Count - half, isSize ? null : first));
        _parts.Add(first);
    }
}
