using System.Diagnostics.CodeAnalysis;
using Agent.Sync.Push.Batches;

namespace Agent.Sync.Push.Sending;

/// <summary>The parts of one batch that are still to be sent. Used by one caller at a time.</summary>
internal sealed class OpenParts
{
    /// <summary>How many deferred rows are looked for one by one before the rest of the batch is taken to be the same.</summary>
    private const int EnoughDeferred = 20;

    private readonly List<BatchPart> _parts;
    private int _deferred;
    private int _wentThrough;

    public OpenParts(int count) => _parts = [new BatchPart(0, count, Before: null)];

    /// <summary>Gets a value indicating whether so many changes only wait for others, and hardly any went through, that the rest will wait too.</summary>
    public bool IsMostlyDeferred => _deferred >= EnoughDeferred && _deferred > _wentThrough;

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
        var first = new BatchPart(part.Start, half, Before: null);
        _parts.Add(new BatchPart(part.Start + half, part.Count - half, isSize ? null : first));
        _parts.Add(first);
    }

    /// <summary>Records that a part went through.</summary>
    public void RecordSuccess(BatchPart part)
    {
        part.WentThrough = true;
        _wentThrough += part.Count;
    }

    /// <summary>Records the outcome of a change that was refused by itself.</summary>
    public void RecordRefusal(OutcomeKind kind) => _deferred += kind == OutcomeKind.Deferred ? 1 : 0;
}

/// <summary>Adjacent changes of a batch that are still to be sent.</summary>
/// <param name="Start">The position of the first.</param>
/// <param name="Count">How many.</param>
/// <param name="Before">The half before this one; null where that says nothing about this one.</param>
internal sealed record BatchPart(int Start, int Count, BatchPart? Before)
{
    /// <summary>Gets or sets a value indicating whether it went through.</summary>
    public bool WentThrough { get; set; }

    /// <summary>Gets a value indicating whether one of its rows is known to be refused: the half before it went through, and both together did not.</summary>
    public bool HoldsFault => Before is { WentThrough: true };
}
