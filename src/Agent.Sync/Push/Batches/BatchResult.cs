using System.Buffers;
using System.Runtime.ExceptionServices;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Push.Batches;

/// <summary>The outcomes of one batch, up to its failure if there was one. A change without an outcome may or may not be on the server.</summary>
internal sealed class BatchResult(PushBatch batch, PushState state) : IDisposable
{
    private readonly List<Page> _pages = [];
    private readonly Dictionary<Page, DateTimeOffset> _writtenAt = [];
    private ChangeOutcome[] _outcomes = ArrayPool<ChangeOutcome>.Shared.Rent(Math.Max(1, batch.Changes.Length));
    private int _count;

    public PushBatch Batch { get; } = batch;

    /// <summary>Gets the outcomes, in the order of the answers.</summary>
    public ReadOnlyMemory<ChangeOutcome> Outcomes => _outcomes.AsMemory(0, _count);

    /// <summary>Gets or sets what ended the batch early.</summary>
    public ExceptionDispatchInfo? Failure { get; set; }

    public TimeSpan Elapsed { get; set; }

    public void Add(ChangeOutcome outcome)
    {
        if (_count == _outcomes.Length)
        {
            Grow();
        }

        _outcomes[_count++] = outcome;
        switch (outcome.Kind)
        {
            case OutcomeKind.Rejected:
                // At once, so that a search for bad rows ends when there are too many.
                state.Quarantine.CountRejected();
                state.Refusals.RecordWitness();
                break;
            case OutcomeKind.Applied:
                state.Refusals.RecordWitness();
                break;
            case OutcomeKind.Undecided:
                state.Refusals.CountFruitless(outcome.Code, isBusy: !ErrorClassifier.MayBeRows(outcome.Code));
                break;
        }
    }

    /// <summary>Keeps a page until the batch is settled.</summary>
    public Page Keep(Page page)
    {
        _pages.Add(page);
        return page;
    }

    /// <summary>Records that a page's rows were written by the very request that it answers.</summary>
    public void RecordWritten(Page page, DateTimeOffset? serverTime)
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
            Add(new ChangeOutcome(index, OutcomeKind.Returned));
        }
    }

    /// <summary>Puts off changes that were refused together.</summary>
    public void Defer(int start, int count, string code)
    {
        for (var index = start; index < start + count; index++)
        {
            Add(new ChangeOutcome(index, OutcomeKind.Deferred, Code: code, IsAlone: false));
        }
    }

    public void Dispose()
    {
        foreach (var page in _pages)
        {
            page.Dispose();
        }

        _pages.Clear();
        ArrayPool<ChangeOutcome>.Shared.Return(_outcomes, clearArray: true);
        (_outcomes, _count) = ([], 0);
    }

    private void Grow()
    {
        var larger = ArrayPool<ChangeOutcome>.Shared.Rent(_count * 2);
        _outcomes.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<ChangeOutcome>.Shared.Return(_outcomes, clearArray: true);
        _outcomes = larger;
    }
}
