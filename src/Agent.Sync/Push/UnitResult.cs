using System.Runtime.ExceptionServices;

namespace Agent.Sync.Push;

/// <summary>What sending one unit brought, up to its failure if there was one. A change without a verdict may or may not be on the server.</summary>
internal sealed class UnitResult(PushUnit unit, QuarantineGuard quarantine) : IDisposable
{
    private readonly List<Page> _pages = [];

    public PushUnit Unit { get; } = unit;

    public List<Verdict> Verdicts { get; } = new(unit.Changes.Length);

    /// <summary>Gets or sets what ended the unit early.</summary>
    public ExceptionDispatchInfo? Failure { get; set; }

    public TimeSpan Elapsed { get; set; }

    public void Add(Verdict verdict)
    {
        Verdicts.Add(verdict);
        if (verdict.Kind == VerdictKind.Rejected)
        {
            // At once, so that a search for bad rows ends when there are too many.
            quarantine.CountRejected();
        }
    }

    /// <summary>Keeps a page until the unit is settled.</summary>
    public Page Keep(Page page)
    {
        _pages.Add(page);
        return page;
    }

    public void Return(int start, int count)
    {
        for (var index = start; index < start + count; index++)
        {
            Add(new Verdict(index, VerdictKind.Returned));
        }
    }

    public void Dispose()
    {
        foreach (var page in _pages)
        {
            page.Dispose();
        }

        _pages.Clear();
    }
}
