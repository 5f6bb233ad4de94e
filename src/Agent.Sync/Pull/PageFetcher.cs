using System.Diagnostics;
using Agent.Sync.Diagnostics;
using Agent.Sync.Postgrest;
using Agent.Sync.Seams;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Pull;

/// <summary>Fetches single pages of a pass, and asks again for fewer rows where a page is too much for the database or for memory.</summary>
/// <remarks>Safe for concurrent use by several chains, as long as each chain has one page under way at a time.</remarks>
internal sealed class PageFetcher(IPageTransport transport, Dataset dataset, PageSizer sizer, EngineSeams seams, SyncMetrics metrics, ILogger log)
{
    public Dataset Dataset => dataset;

    public PageSizer Sizer => sizer;

    public EngineSeams Seams => seams;

    /// <summary>Fetches the page of a query that has the size of the moment.</summary>
    public async Task<PulledPage> FetchAsync(PageChain chain, PageQuery query, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await FetchOnceAsync(chain, query, cancellationToken).ConfigureAwait(false);
            }
            catch (SyncProtocolException exception) when (exception.IsTooLarge && sizer.TryShrinkToBytes(query.Limit))
            {
                PullLog.PageTooLarge(log, dataset.Name, sizer.Limit);
                query = query with { Limit = sizer.Limit };
            }
            catch (SyncTransportException exception) when (exception.Kind == SyncErrorKind.StatementTimeout && sizer.TryShrink(query.Limit))
            {
                PullLog.PageShrunk(log, dataset.Name, sizer.Limit, exception.Code ?? SyncException.NoCode);

                // Counting every row may be what took too long, and a total is not worth a failed sync.
                query = query with { Limit = sizer.Limit, Count = TotalCount.None };
            }
        }
    }

    /// <summary>Waits for a page that nobody needs any more, and gives it back to the pool.</summary>
    public static async Task AbandonAsync(Task<PulledPage> page)
    {
        try
        {
            (await page.ConfigureAwait(false)).Page.Dispose();
        }
        catch (Exception exception) when (exception is SyncException or OperationCanceledException)
        {
            // Either the reader has had this failure already, or the page is not needed any more.
        }
    }

    /// <summary>Fetches the last key of the dataset.</summary>
    /// <returns>The texts of the key; null when there is no row. Also null when the request failed: the pull goes on as one chain, and its next page fails too if something is wrong.</returns>
    public async Task<IReadOnlyList<string>?> FetchLastKeyAsync(CancellationToken cancellationToken)
    {
        var query = new PageQuery(dataset, PageOrder.Key, After: null, Limit: 1) { Descending = true };
        try
        {
            var answer = await transport.GetPageAsync(query, cancellationToken).ConfigureAwait(false);
            using var page = answer.Page;
            return new PageOrderGuard(dataset, PageOrder.Key, after: null).Check(page)?.KeyValues;
        }
        catch (SyncException)
        {
            return null;
        }
    }

    private async Task<PulledPage> FetchOnceAsync(PageChain chain, PageQuery query, CancellationToken cancellationToken)
    {
        using var activity = SyncDiagnostics.Source.StartActivity("sync page", ActivityKind.Client);
        activity?.SetTag("dataset", dataset.Name);
        var started = seams.Time.GetTimestamp();
        var answer = await transport.GetPageAsync(query, cancellationToken).ConfigureAwait(false);
        var page = answer.Page;
        CursorPosition? last;
        try
        {
            last = chain.Guard.Check(page);
        }
        catch
        {
            page.Dispose();
            throw;
        }

        var bytes = page.Utf8Json.Length;
        var elapsed = seams.Time.GetElapsedTime(started);
        activity?.SetTag("rows", page.Count);
        metrics.RecordPage(dataset.Name, bytes);
        if (log.IsEnabled(LogLevel.Debug))
        {
            PullLog.PageFetched(log, dataset.Name, query.Order, page.Count, bytes, elapsed.TotalMilliseconds);
        }

        return new PulledPage(page, last, answer.ServerTime, answer.Total, sizer.Record(chain, query.Limit, page.Count, bytes, elapsed))
        {
            Asked = query.Limit,
            Elapsed = elapsed,
        };
    }
}
