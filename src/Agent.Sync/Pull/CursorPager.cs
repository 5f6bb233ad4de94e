using System.Runtime.CompilerServices;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Pull;

/// <summary>Walks a dataset in the order of change. The next request is sent before the current page is handed on.</summary>
/// <remarks>The end is an empty page, never a short one: PostgREST's max-rows truncates an answer without saying so.</remarks>
internal sealed class CursorPager(PageFetcher fetcher, PageContent content = PageContent.Rows)
{
    /// <summary>Reads on from a position. The last page is the empty one; the reader may stop before.</summary>
    public async IAsyncEnumerable<PulledPage> ReadAsync(
        CursorPosition? after, TotalCount count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var chain = new PageChain(new PageOrderGuard(fetcher.Dataset, PageOrder.Cursor, after, content));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<PulledPage>? next = fetcher.FetchAsync(chain, QueryAfter(after) with { Count = count }, stop.Token);
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

                var query = QueryAfter(page.Last);
                next = fetcher.Seams.Work.Start(() => fetcher.FetchAsync(chain, query, stop.Token));
                yield return page;
            }
        }
        finally
        {
            if (next is not null)
            {
                // CancelAsync would hop to the thread pool, past the seam.
                stop.Cancel();
                await PageFetcher.AbandonAsync(next).ConfigureAwait(false);
            }
        }
    }

    private PageQuery QueryAfter(CursorPosition? after) => new(fetcher.Dataset, PageOrder.Cursor, after, fetcher.Sizer.Limit);
}
