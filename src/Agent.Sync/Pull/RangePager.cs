using System.Runtime.CompilerServices;
using Agent.Sync.Checkpoints;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Pull;

/// <summary>Reads key ranges of a dataset: one page after the other at first, several ranges at once where that makes the pull faster. A range is split to get more of them.</summary>
/// <remarks>
/// The ranges never overlap, so no row is read twice. Each page carries what is unread once it is applied: applied in the order they are handed on,
/// pages and checkpoint always fit. Where a range ends, an empty page says so.
/// </remarks>
internal sealed class RangePager
{
    // A part that is smaller costs a request of its own and saves less.
    private const int PagesOfPart = 2;

    private readonly PageFetcher _fetcher;
    private readonly PullConcurrency _concurrency;
    private readonly RequestTally _tally;
    private readonly KeySpace _space;

    // On top: the range that was read last, so that few ranges are begun at a time.
    private readonly Stack<RangeChain> _waiting = new();
    private readonly List<(RangeChain Chain, Task<PulledPage> Page)> _underWay = [];
    private Task<IReadOnlyList<string>?>? _lastKey;
    private long _retries;
    private int _limit;
    private long? _total;
    private long _rows;
    private int _pages;
    private int _emptyParts;

    public RangePager(PageFetcher fetcher, IReadOnlyList<KeyRange> ranges, PullConcurrency concurrency, RequestTally tally)
    {
        _fetcher = fetcher;
        _concurrency = concurrency;
        _tally = tally;
        _space = new KeySpace(fetcher.Dataset);
        _retries = tally.Retries;
        _limit = fetcher.Sizer.Limit;
        foreach (var range in ranges.Where(static range => !range.Done).Reverse())
        {
            _waiting.Push(new RangeChain(fetcher.Dataset, _space, range));
        }
    }

    /// <summary>Reads what is unread. The last page is empty and leaves nothing unread; the reader may stop before.</summary>
    public async IAsyncEnumerable<PulledPage> ReadAsync(TotalCount count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            Start(count, stop.Token);
            while (_underWay.Count > 0)
            {
                var (chain, page) = await NextAsync().ConfigureAwait(false);
                Record(page);
                if (page.Last is not null)
                {
                    chain.Advance(page);
                    await SplitAsync(chain, stop.Token).ConfigureAwait(false);
                    _waiting.Push(chain);
                }
                else if (chain.Range.Position is null)
                {
                    _emptyParts++;
                }

                var handedOn = page with { Unread = Unread() };
                Start(TotalCount.None, stop.Token);
                yield return handedOn;
            }
        }
        finally
        {
            // CancelAsync would hop to the thread pool, past the seam.
            stop.Cancel();
            await AbandonAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Sends requests, as many as may be under way.</summary>
    private void Start(TotalCount count, CancellationToken cancellationToken)
    {
        while (_underWay.Count < _concurrency.Target && _waiting.TryPop(out var chain))
        {
            var query = new PageQuery(_fetcher.Dataset, PageOrder.Key, chain.Start, _fetcher.Sizer.Limit) { UpTo = chain.Range.To, Count = count };
            _underWay.Add((chain, _fetcher.Seams.Work.Start(() => _fetcher.FetchAsync(chain.Pages, query, cancellationToken))));
            count = TotalCount.None;
        }
    }

    private async Task<(RangeChain Chain, PulledPage Page)> NextAsync()
    {
        var next = _underWay.Count == 1 ? _underWay[0].Page : await Task.WhenAny(_underWay.Select(static one => one.Page)).ConfigureAwait(false);
        var index = _underWay.FindIndex(one => one.Page == next);
        var page = await next.ConfigureAwait(false);
        var chain = _underWay[index].Chain;
        _underWay.RemoveAt(index);
        return (chain, page);
    }

    private void Record(PulledPage page)
    {
        _pages++;
        _rows += page.Page.Count;
        _total ??= page.Total;
        var limit = _fetcher.Sizer.Limit;
        if (_tally.Retries > _retries || limit < _limit)
        {
            _concurrency.Halve();
        }
        else if (page.IsFull)
        {
            _concurrency.Record(page);
        }

        _retries = _tally.Retries;
        _limit = limit;
    }

    /// <summary>Splits a range that was just read, where more pages may be under way than there are ranges for.</summary>
    private async ValueTask SplitAsync(RangeChain chain, CancellationToken cancellationToken)
    {
        var missing = _concurrency.Target - _underWay.Count - _waiting.Count - 1;
        var rowsOfPart = PagesOfPart * _fetcher.Sizer.Limit;
        if (missing <= 0 || KeysAreUneven || IsAlmostThere(2 * rowsOfPart))
        {
            return;
        }

        var end = chain.Range.To;
        if (end is null)
        {
            _lastKey ??= _fetcher.Seams.Work.Start(() => _fetcher.FetchLastKeyAsync(cancellationToken));
            end = _lastKey.IsCompletedSuccessfully ? await _lastKey.ConfigureAwait(false) : null;
        }

        if (end is null)
        {
            return;
        }

        foreach (var part in chain.Split(end, missing + 1, rowsOfPart).Reverse())
        {
            _waiting.Push(part);
        }
    }

    /// <summary>Tells whether few rows are left. A total that was passed was an estimate that was wrong.</summary>
    private bool IsAlmostThere(int rows) => _total >= _rows && _total < _rows + rows;

    /// <summary>Gets a value indicating whether splitting finds too few rows to be worth its requests: most keys are close together, in a place that arithmetic misses.</summary>
    private bool KeysAreUneven => _emptyParts > 2 * _concurrency.Target && _emptyParts > _pages / 2;

    private KeyRange[] Unread() => [.. _waiting.Select(static chain => chain.Range), .. _underWay.Select(static one => one.Chain.Range)];

    private async Task AbandonAsync()
    {
        foreach (var (_, page) in _underWay)
        {
            await PageFetcher.AbandonAsync(page).ConfigureAwait(false);
        }

        if (_lastKey is null)
        {
            return;
        }

        try
        {
            await _lastKey.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Nobody needs it any more.
        }
    }
}
