using System.Runtime.CompilerServices;
using Agent.Sync.Checkpoints;
using Agent.Sync.Postgrest;
using Agent.Sync.Pull;

namespace Agent.Sync.Engine;

/// <summary>Reads a dataset's pages for the app: nothing is stored, and each page has a sealed cursor to go on from.</summary>
internal static class PageReader
{
    public static async IAsyncEnumerable<Page> ReadAsync(
        EngineParts parts, Dataset dataset, Cursor? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var session = await parts.Client.OpenSessionAsync(new RequestTally(), cancellationToken).ConfigureAwait(false);
        var scope = ScopeStamp.For(dataset, parts.Options.Url!, session.Subject, session.Role);
        var tokens = new CursorTokens(await parts.GetSealAsync(cancellationToken).ConfigureAwait(false), dataset, scope);
        var start = after is null ? null : tokens.Open(after);
        var sizer = new PageSizer(parts.Options.PageSize, parts.Options.PageSize);
        var pager = new CursorPager(new PageFetcher(session, dataset, sizer, parts.Seams, parts.Metrics, parts.Log));
        await foreach (var page in pager.ReadAsync(start, TotalCount.None, cancellationToken).ConfigureAwait(false))
        {
            if (page.Last is null)
            {
                page.Page.Dispose();
                yield break;
            }

            page.Page.Next = tokens.Issue(page.Last);
            yield return page.Page;
        }
    }
}
