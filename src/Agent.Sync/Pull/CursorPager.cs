using System.Diagnostics;
using System.Runtime.CompilerServices;
using Agent.Sync.Diagnostics;
using Agent.Sync.Postgrest;
using Agent.Sync.Seams;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Pull;

/// <summary>Walks a dataset in one of its orders. The next request is sent before the current page is handed on.</summary>
/// <remarks>The end is an empty page, never a short one: PostgREST's max-rows truncates an answer without saying so.</remarks>
internal sealed class CursorPager(
    IPageTransport transport, Dataset dataset, EngineSeams seams, SyncMetrics metrics, ILogger log, PageContent content = PageContent.Rows)
{
    /// <summary>Reads on from a position. The last page is the empty one; the reader may stop before.</summary>
    public async IAsyncEnumerable<PulledPage> ReadAsync(
        PageOrder order,
        CursorPosition? after,
        int pageSize,
        TotalCount count,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var guard = new PageOrderGuard(dataset, order, after, content);
        var sizer = new PageSizer(pageSize);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<PulledPage>? next = FetchAsync(
            guard, sizer, new PageQuery(dataset, order, after, sizer.Limit) { Count = count }, stop.Token);
        try
        {
            while (true)
            {
                var page = await next.ConfigureAwait(false);
                next = null;
                if (page.Last is null)
                {
                    yield return page;
                    yield break;
                }

                var query = new PageQuery(dataset, order, page.Last, sizer.Limit);
                next = seams.Work.Start(() => FetchAsync(guard, sizer, query, stop.Token));
                yield return page;
            }
        }
        finally
        {
            await AbandonAsync(next, stop).ConfigureAwait(false);
        }
    }

    /// <summary>A reader that stops early leaves a request in flight: it is cancelled, and its page goes back to the pool.</summary>
    private static async Task AbandonAsync(Task<PulledPage>? next, CancellationTokenSource stop)
    {
        if (next is null)
        {
            return;
        }

        if (!next.IsCompleted)
        {
            // CancelAsync would hop to the thread pool, past the seam.
            stop.Cancel();
        }

        try
        {
            (await next.ConfigureAwait(false)).Page.Dispose();
        }
        catch (Exception exception) when (exception is SyncException or OperationCanceledException)
        {
            // Either the reader has had this failure already, or the page is not needed any more.
        }
    }

    private async Task<PulledPage> FetchAsync(PageOrderGuard guard, PageSizer sizer, PageQuery query, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await FetchOnceAsync(guard, sizer, query, cancellationToken).ConfigureAwait(false);
            }
            catch (SyncProtocolException exception) when (exception.IsTooLarge && sizer.TryShrinkToBytes())
            {
                PullLog.PageTooLarge(log, dataset.Name, sizer.Limit);
                query = query with { Limit = sizer.Limit };
            }
            catch (SyncTransportException exception) when (exception.Kind == SyncErrorKind.StatementTimeout && sizer.TryShrink())
            {
                PullLog.PageShrunk(log, dataset.Name, sizer.Limit, exception.Code ?? SyncException.NoCode);

                // Counting every row may be what took too long, and a total is not worth a failed sync.
                query = query with { Limit = sizer.Limit, Count = TotalCount.None };
            }
        }
    }

    private async Task<PulledPage> FetchOnceAsync(PageOrderGuard guard, PageSizer sizer, PageQuery query, CancellationToken cancellationToken)
    {
        using var activity = SyncDiagnostics.Source.StartActivity("sync page", ActivityKind.Client);
        activity?.SetTag("dataset", dataset.Name);
        var started = seams.Time.GetTimestamp();
        var answer = await transport.GetPageAsync(query, cancellationToken).ConfigureAwait(false);
        var page = answer.Page;
        CursorPosition? last;
        try
        {
            last = guard.Check(page);
        }
        catch
        {
            page.Dispose();
            throw;
        }

        var bytes = page.Utf8Json.Length;
        activity?.SetTag("rows", page.Count);
        metrics.RecordPage(dataset.Name, bytes);
        if (log.IsEnabled(LogLevel.Debug))
        {
            PullLog.PageFetched(log, dataset.Name, query.Order, page.Count, bytes, seams.Time.GetElapsedTime(started).TotalMilliseconds);
        }

        return new PulledPage(page, last, answer.ServerTime, answer.Total, sizer.Record(page.Count));
    }
}

/// <summary>A page whose rows were checked to come after everything before it.</summary>
/// <param name="Page">The rows; empty at the end of the pass.</param>
/// <param name="Last">The position after the last row; null for an empty page.</param>
/// <param name="ServerTime">The answer's <c>Date</c>.</param>
/// <param name="Total">The rows that match from here on, when asked for.</param>
/// <param name="IsFull">Whether the server gave as many rows as it gives at most.</param>
internal sealed record PulledPage(Page Page, CursorPosition? Last, DateTimeOffset? ServerTime, long? Total, bool IsFull);
