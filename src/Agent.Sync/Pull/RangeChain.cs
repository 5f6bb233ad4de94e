using Agent.Sync.Checkpoints;

namespace Agent.Sync.Pull;

/// <summary>The chain of pages of one key range, while it is read.</summary>
internal sealed class RangeChain
{
    private readonly Dataset _dataset;
    private readonly KeySpace _space;
    private double? _rowsPerStep;

    public RangeChain(Dataset dataset, KeySpace space, KeyRange range, double? rowsPerStep = null)
    {
        _dataset = dataset;
        _space = space;
        _rowsPerStep = rowsPerStep;
        Range = range;
        Pages = new PageChain(new PageOrderGuard(dataset, PageOrder.Key, Start) { UpTo = range.To });
    }

    /// <summary>Gets what is still to be read.</summary>
    public KeyRange Range { get; private set; }

    public PageChain Pages { get; }

    /// <summary>Gets where the next page starts; null at the first key.</summary>
    public CursorPosition? Start => Range.After is { } after ? new CursorPosition(PageOrder.Key, null, after) : null;

    /// <summary>Goes on after a page with rows.</summary>
    public void Advance(PulledPage page)
    {
        var last = page.Last!.KeyValues;
        if (Range.After is { } before && _space.Distance(before, last) is { } distance && distance > 0)
        {
            _rowsPerStep = page.Page.Count / distance;
        }

        Range = Range with { Position = last };
    }

    /// <summary>Gives parts of what is still to be read away, as chains of their own. No page may be under way.</summary>
    /// <param name="end">The last key that there is, where the range has no end.</param>
    /// <param name="parts">How many parts to make, this one included.</param>
    /// <param name="rowsOfPart">How many rows a part must have to be worth a request, as far as that can be estimated.</param>
    public IReadOnlyList<RangeChain> Split(IReadOnlyList<string> end, int parts, int rowsOfPart)
    {
        if (Range.After is not { } after)
        {
            return [];
        }

        if (_rowsPerStep is { } density && _space.Distance(after, end) is { } left)
        {
            parts = (int)Math.Min(parts, density * left / rowsOfPart);
        }

        if (parts < 2 || _space.Divide(after, end, parts) is not { Count: > 0 } boundaries)
        {
            return [];
        }

        List<RangeChain> others = [];
        for (var index = 0; index < boundaries.Count; index++)
        {
            var to = index + 1 < boundaries.Count ? boundaries[index + 1] : Range.To;
            others.Add(new RangeChain(_dataset, _space, new KeyRange(boundaries[index], to, Position: null, Done: false), _rowsPerStep));
        }

        Range = Range with { To = boundaries[0] };
        Pages.Guard.UpTo = Range.To;
        return others;
    }
}
