using Agent.Sync.Checkpoints;
using Agent.Sync.Postgrest;
using Agent.Sync.Runs;
using Agent.Sync.Stores;

namespace Agent.Sync.Pull;

/// <summary>What a pull would do, from the same pages as the pull's: nothing is stored, and a large pull is counted instead of read.</summary>
internal sealed class PullPreview(RunContext run, PullScope scope, IPageTransport pages, ILocalStore local)
{
    /// <summary>A delta of more rows is not read to compare it with the local rows: its rows are counted.</summary>
    public const int MostRowsRead = 10_000;

    private const int RowsOfPreview = 5_000;

    /// <summary>Gets the rows that would be inserted or updated.</summary>
    public long Applied { get; private set; }

    /// <summary>Gets the local rows that would be removed.</summary>
    public long Deleted { get; private set; }

    /// <summary>Gets the changes to be sent whose row on the server turned out to be another one than the edit started from.</summary>
    public long Contested { get; private set; }

    /// <summary>Gets a value indicating whether rows were counted by the server instead of compared with the local ones.</summary>
    public bool IsEstimate { get; private set; }

    /// <summary>Gets a value indicating whether the saved position is ahead of the server's present.</summary>
    public bool PositionIsAhead { get; private set; }

    /// <summary>Looks at what a pull that starts in a state would bring.</summary>
    /// <param name="state">Where the pull starts.</param>
    /// <param name="before">What the local store says before anything is applied; null for a store that cannot tell.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task RunAsync(CheckpointState state, ApplyPreview? before, CancellationToken cancellationToken)
    {
        Contested = before?.Contested ?? 0;
        if (state.Phase == SyncPhase.Backfill)
        {
            await CountAsync(state, before?.LocalRows ?? 0, cancellationToken).ConfigureAwait(false);
            return;
        }

        PassBounds bounds = scope.Kit is { } kit ? new HorizonBounds(kit.Horizon) : new ServerClockBounds(scope.Dataset, run.Options.OverlapLag);
        var rows = new DeltaPass(scope.Dataset, PageContent.Rows, state, bounds);
        await ReadAsync(rows, before, cancellationToken).ConfigureAwait(false);
        PositionIsAhead = rows.PositionIsAhead;
        if (scope.Kit is { } withTombstones && !PositionIsAhead)
        {
            await ReadAsync(new DeltaPass(withTombstones.Tombstones, PageContent.Tombstones, state, bounds), before, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A backfill brings every row that the user may see, and removes what a resync does not find.</summary>
    private async Task CountAsync(CheckpointState state, long localRows, CancellationToken cancellationToken)
    {
        IsEstimate = true;
        var count = run.Options.TotalCount == TotalCount.None ? TotalCount.Estimated : run.Options.TotalCount;
        var answer = await pages.GetPageAsync(new PageQuery(scope.Dataset, PageOrder.Key, After: null, Limit: 1) { Count = count }, cancellationToken).ConfigureAwait(false);
        using var page = answer.Page;

        // PostgreSQL's planner estimates one row for an empty result.
        var total = page.Count == 0 ? 0 : Math.Max(answer.Total ?? 0, page.Count);
        Applied = Math.Max(0, total - state.RowsCompleted);
        Deleted = state.Generation is null ? 0 : Math.Max(0, localRows - total);
    }

    private async Task ReadAsync(DeltaPass pass, ApplyPreview? before, CancellationToken cancellationToken)
    {
        var areTombstones = pass.Content == PageContent.Tombstones;
        var count = areTombstones || run.Options.TotalCount == TotalCount.None ? TotalCount.Exact : run.Options.TotalCount;
        var fetcher = new PageFetcher(pages, pass.Dataset, PageSizer.For(run.Request, run.Options), run.Seams, run.Metrics, run.Log);
        List<Page> read = [];
        var (rows, waiting) = (0L, 0);
        long? total = null;
        try
        {
            await foreach (var page in new CursorPager(fetcher, pass.Content).ReadAsync(pass.Start, count, cancellationToken).ConfigureAwait(false))
            {
                read.Add(page.Page);
                total ??= page.Total;
                rows += page.Page.Count;
                waiting += page.Page.Count;
                var isEnd = pass.EndsAfter(page) || before is null || rows > MostRowsRead || total > MostRowsRead;
                if (!isEnd && waiting < RowsOfPreview)
                {
                    continue;
                }

                await CompareAsync(pass, read, before, cancellationToken).ConfigureAwait(false);
                read.ForEach(static one => one.Dispose());
                (read, waiting) = ([], 0);
                if (isEnd)
                {
                    break;
                }
            }
        }
        finally
        {
            read.ForEach(static one => one.Dispose());
        }

        if (before is null || rows > MostRowsRead || total > MostRowsRead)
        {
            Estimate(areTombstones, Math.Max(total ?? 0, rows), before?.LocalRows);
        }
    }

    private async Task CompareAsync(DeltaPass pass, List<Page> read, ApplyPreview? before, CancellationToken cancellationToken)
    {
        Page[] filled = [.. read.Where(static page => page.Count > 0)];
        if (before is null || filled.Length == 0)
        {
            return;
        }

        var batch = new ApplyBatch(pass.Dataset, filled, Checkpoint: null, Generation: null) { AreTombstones = pass.Content == PageContent.Tombstones };
        if (await local.PreviewAsync(batch, cancellationToken).ConfigureAwait(false) is { } preview)
        {
            Applied += preview.Result.Applied;
            Deleted += preview.Result.Deleted;
            Contested += preview.Contested - before.Contested;
        }
    }

    /// <summary>Replaces what was compared by what the server counted: as many at most.</summary>
    private void Estimate(bool areTombstones, long total, long? localRows)
    {
        IsEstimate = true;
        if (areTombstones)
        {
            Deleted = Math.Max(Deleted, Math.Min(total, localRows ?? total));
        }
        else
        {
            Applied = Math.Max(Applied, total);
        }
    }
}
