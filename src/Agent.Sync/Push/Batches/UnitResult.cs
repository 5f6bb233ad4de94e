using System.Buffers;
using System.Runtime.ExceptionServices;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Push.Batches;

/// <summary>What sending one unit brought, up to its failure if there was one. A change without a verdict may or may not be on the server.</summary>
internal sealed class UnitResult(PushUnit unit, QuarantineGuard quarantine, RefusalSearch refusals) : IDisposable
{
    private readonly List<Page> _pages = [];
    private readonly Dictionary<Page, DateTimeOffset> _writtenAt = [];
    private Verdict[] _verdicts = ArrayPool<Verdict>.Shared.Rent(Math.Max(1, unit.Changes.Length));
    private int _count;

    public PushUnit Unit { get; } = unit;

    /// <summary>Gets what became of the changes, in the order of the answers.</summary>
    public ReadOnlyMemory<Verdict> Verdicts => _verdicts.AsMemory(0, _count);

    /// <summary>Gets or sets what ended the unit early.</summary>
    public ExceptionDispatchInfo? Failure { get; set; }

    public TimeSpan Elapsed { get; set; }

    public void Add(Verdict verdict)
    {
        if (_count == _verdicts.Length)
        {
            Grow();
        }

        _verdicts[_count++] = verdict;
        switch (verdict.Kind)
        {
            case VerdictKind.Rejected:
                // At once, so that a search for bad rows ends when there are too many.
                quarantine.CountRejected();
                refusals.SeeWitness();
                break;
            case VerdictKind.Applied:
                refusals.SeeWitness();
                break;
            case VerdictKind.Undecided:
                refusals.CountFruitless(verdict.Code, isBusy: !ErrorClassifier.MayBeRows(verdict.Code));
                break;
        }
    }

    /// <summary>Keeps a page until the unit is settled.</summary>
    public Page Keep(Page page)
    {
        _pages.Add(page);
        return page;
    }

    /// <summary>Notes that a page's rows were written by the very request that it answers.</summary>
    public void NoteWritten(Page page, DateTimeOffset? serverTime)
    {
        if (serverTime is { } time)
        {
            _writtenAt[page] = time;
        }
    }

    /// <summary>Returns when a page's rows were written, by the server's clock; null when that is not known.</summary>
    public DateTimeOffset? WrittenAt(Page page) => _writtenAt.TryGetValue(page, out var time) ? time : null;

    public void Return(int start, int count)
    {
        for (var index = start; index < start + count; index++)
        {
            Add(new Verdict(index, VerdictKind.Returned));
        }
    }

    /// <summary>Puts off changes that were refused together.</summary>
    public void Defer(int start, int count, string code)
    {
        for (var index = start; index < start + count; index++)
        {
            Add(new Verdict(index, VerdictKind.Deferred, Code: code, IsAlone: false));
        }
    }

    public void Dispose()
    {
        foreach (var page in _pages)
        {
            page.Dispose();
        }

        _pages.Clear();
        ArrayPool<Verdict>.Shared.Return(_verdicts, clearArray: true);
        (_verdicts, _count) = ([], 0);
    }

    private void Grow()
    {
        var larger = ArrayPool<Verdict>.Shared.Rent(_count * 2);
        _verdicts.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<Verdict>.Shared.Return(_verdicts, clearArray: true);
        _verdicts = larger;
    }
}
