using Agent.Sync.Checkpoints;
using Agent.Sync.Stores;

namespace Agent.Sync.Pull;

/// <summary>Runs passes one after the other: each applies pages together with the state that they lead to.</summary>
internal sealed class PassRunner(PullContext context, CheckpointState start)
{
    private bool _saidThatVersionsStand;

    public CheckpointState State { get; private set; } = start;

    public PullCounts Counts { get; } = new();

    /// <summary>Applies one group while the next one is gathered: double buffering, with no channel and no thread of its own.</summary>
    /// <returns>False when the run's time was over before the pass was.</returns>
    public async Task<bool> RunAsync(IPullPass pass, CancellationToken cancellationToken)
    {
        var pager = new CursorPager(context.Transport, pass.Dataset, context.Seams, context.Metrics, context.Log, pass.Content);
        var pageSize = context.Request.PageSize ?? context.Options.PageSize;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, context.TimeOver);
        var pages = pager.ReadAsync(pass.Order, pass.Start, pageSize, context.Options.TotalCount, stop.Token)
            .GetAsyncEnumerator(CancellationToken.None);
        var gatherer = new PageGatherer(pages, pass, context.Options.Commit, context.Seams);
        var gathering = context.Seams.Work.Start(gatherer.GatherAsync);
        try
        {
            while (true)
            {
                using var group = await gathering.ConfigureAwait(false);
                if (!group.EndsPass && group.Failure is null)
                {
                    gathering = context.Seams.Work.Start(gatherer.GatherAsync);
                }

                await CommitAsync(pass, group).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (group.EndsPass)
                {
                    return true;
                }

                if (context.TimeOver.IsCancellationRequested
                    && group.Failure?.SourceException is null or OperationCanceledException)
                {
                    return false;
                }

                group.Failure?.Throw();
            }
        }
        finally
        {
            // CancelAsync would hop to the thread pool, past the seam.
            stop.Cancel();
            (await gathering.ConfigureAwait(false)).Dispose();
            await gatherer.EndAsync().ConfigureAwait(false);
            await pages.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends a resync: removes what its generation did not bring, unless the guard refuses.</summary>
    /// <returns>False when the guard refused.</returns>
    public async Task<bool> SwapAsync(GenerationSwap swap)
    {
        var next = State with { Generation = null, Reconciles = null };

        // Where rows and checkpoint are apart, the rows would be gone before the checkpoint's fence is looked at.
        await context.Lease.RenewIfDueAsync().ConfigureAwait(false);
        var result = await context.Keeper.SwapAsync(context.Local, swap, next).ConfigureAwait(false);
        if (result.Refused)
        {
            PullLog.MassDeleteRefused(context.Log, context.Dataset.Name, result.Removed, result.LocalRows);
            return false;
        }

        State = next;
        Counts.Add(result);
        context.Metrics.CountArtifacts(context.Dataset.Name, 0, 0, result.Removed);
        PullLog.GenerationSwapped(context.Log, context.Dataset.Name, result.Removed);
        if (result.Held > 0)
        {
            PullLog.UnrecordedEditsHeld(context.Log, context.Dataset.Name, result.Held, result.LocalRows);
        }

        return true;
    }

    public void Report(SyncPhase phase) =>
        context.Progress.Report(phase, Counts.Pages, context.Tally.Bytes, context.Tally.Retries, context.Memory.Current);

    private async Task CommitAsync(IPullPass pass, PageGroup group)
    {
        // Rows of a session that ended are not applied any more.
        if (group.Pages.Count == 0 || group.Failure?.SourceException is SyncAuthException { Kind: SyncErrorKind.UserChanged })
        {
            return;
        }

        var started = context.Seams.Time.GetTimestamp();
        await context.Lease.RenewIfDueAsync().ConfigureAwait(false);
        var next = pass.Advance(State, group);
        ApplyResult result = default;
        if (group.Rows > 0 || next != State)
        {
            result = await context.Keeper.ApplyAsync(context.Local, BatchOf(pass, group, next), next).ConfigureAwait(false);
            State = next;
        }

        Counts.Add(group, result);
        Tell(pass, group, result, started);
    }

    private ApplyBatch BatchOf(IPullPass pass, PageGroup group, CheckpointState next)
    {
        IReadOnlyList<Page> pages = group.Rows == 0 ? [] : [.. group.Pages.Select(static page => page.Page)];

        // A tombstone is no sign of life: its key must not count as seen by a resync.
        var generation = pass.Content == PageContent.Rows ? State.Generation : null;
        return new ApplyBatch(pass.Dataset, pages, Checkpoint: null, generation)
        {
            Content = pass.Content,
            Reconciliation = next.Reconciles is { } known ? UnrecordedEdits.Rule(pass.Dataset, known) : null,
        };
    }

    private void Tell(IPullPass pass, PageGroup group, ApplyResult result, long started)
    {
        context.Memory.Sample();
        context.Metrics.CountArtifacts(context.Dataset.Name, result.Applied, result.Unchanged, result.Deleted);
        foreach (var page in group.Pages)
        {
            // The planner expects one row where there is none.
            context.Progress.Expect(page.Total is not null && page.Page.Count == 0 ? 0 : page.Total);
        }

        context.Progress.Commit(group.Rows);
        Report(pass.Phase);
        PullLog.Committed(
            context.Log,
            context.Dataset.Name,
            group.Pages.Count,
            result.Applied,
            result.Unchanged,
            result.Deleted,
            context.Seams.Time.GetElapsedTime(started).TotalMilliseconds,
            context.Memory.PercentOfLimit);
        if (result.SameVersion > 0 && pass.Dataset is { VersionOrdinal: { } version } dataset && !_saidThatVersionsStand)
        {
            _saidThatVersionsStand = true;
            PullLog.VersionStands(context.Log, dataset.Name, dataset.Columns[version].Name, dataset.Columns[dataset.CursorOrdinal].Name);
        }

        if (context.Memory.IsAboveLimit)
        {
            PullLog.MemoryAboveLimit(context.Log, context.Memory.PercentOfLimit, context.Options.MemoryLimit);
        }
    }
}
