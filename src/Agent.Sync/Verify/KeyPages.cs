using System.Runtime.CompilerServices;
using Agent.Sync.Configuration;
using Agent.Sync.Postgrest;
using Agent.Sync.Pull;

namespace Agent.Sync.Verify;

/// <summary>Reads every row of the server page by page, with no more columns than are compared. The next request is sent before a page is handed on.</summary>
internal sealed class KeyPages(VerifyContext context, RowHasher hasher) : IServerRows
{
    public async IAsyncEnumerable<ServerPage> ReadAsync(IReadOnlyList<string>? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var dataset = context.Dataset.WithColumns(context.Columns);
        var sizer = context.Options.CompareValues ? PageSizer.For(new SyncRequest(), context.Settings) : new PageSizer(OptionLimits.MaxPageSize, OptionLimits.MaxPageSize);
        var fetcher = context.NewFetcher(dataset, sizer);
        var start = Position(after);
        var chain = new PageChain(new PageOrderGuard(dataset, PageOrder.Key, start) { AllowsNoCursor = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<PulledPage>? next = FetchAsync(start);
        try
        {
            while (next is not null)
            {
                var page = await next.ConfigureAwait(false);
                next = page.Last is null || context.Budget.IsOver ? null : context.Seams.Work.Start(() => FetchAsync(page.Last));
                yield return new ServerPage(page.Page, Hash(page.Page), after, page.Last?.KeyValues, page.Page.Count);
                after = page.Last?.KeyValues;
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

        Task<PulledPage> FetchAsync(CursorPosition? from) => fetcher.FetchAsync(chain, new PageQuery(dataset, PageOrder.Key, from, sizer.Limit), stop.Token);
    }

    private static CursorPosition? Position(IReadOnlyList<string>? key) => key is null ? null : new CursorPosition(PageOrder.Key, null, key);

    private RowHash[] Hash(Page page) => [.. Enumerable.Range(0, page.Count).Select(row => hasher.Hash(page.GetRow(row).Span))];
}
