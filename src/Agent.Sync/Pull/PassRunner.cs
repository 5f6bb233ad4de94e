using Agent.Sync.Checkpoints;
using Agent.Sync.Stores;

namespace Agent.Sync.Pull;

/// <summary>Runs passes one after the other. Each applies pages together with the checkpoint state that they lead to.</summary>
internal sealed class PassRunner(PullContext context, CheckpointState start)
{
    private bool _reportedStandingVersions;

    public CheckpointState State { get; private set; } = start;

    public PullCounts Counts { get; } = new();

    /// <summary>Applies one group while the next one is gathered: double buffering without a channel or a thread of its own.</summary>
    /// <returns><see cref="SyncOutcome.Completed"/>; or <see cref="SyncOutcome.TimeBudgetReached"/> or <see cref="SyncOutcome.MassDeleteRefused"/> before the end of the pass.</returns>
    public async Task<SyncOutcome> RunAsync(IPullPass pass, CancellationToken cancellationToken)
    {
        var writer = new WriterWatch();
        var guard = DeleteGuard.For(context, pass, () => NewFetcher(pass));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, context.Run.TimeOver);
        var pages = Read(pass, writer, stop.Token).GetAsyncEnumerator(CancellationToken.None);
        var gatherer = new PageGatherer(pages, pass, context.Run.Options.Commit, context.Run.Seams);
        var gathering = context.Run.Seams.Work.Start(gatherer.GatherAsync);
        try
        {
            while (true)
            {
                writer.Waits = true;
                using var group = await gathering.ConfigureAwait(false);
                writer.Waits = false;
                if (!group.EndsPass && group.Failure is null)
                {
                    gathering = context.Run.Seams.Work.Start(gatherer.GatherAsync);
                }

                if (guard is not null && await guard.CheckAsync(group, cancellationToken).ConfigureAwait(false) is var refusal and not SyncOutcome.Completed)
                {
                    return refusal;
                }

                await CommitAsync(pass, group, guard).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (group.EndsPass)
                {
                    return SyncOutcome.Completed;
                }

                if (context.Run.TimeOver.IsCancellationRequested
                    && group.Failure?.SourceException is null or OperationCanceledException)
                {
                    return SyncOutcome.TimeBudgetReached;
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
    /// <returns><see cref="SyncOutcome.Completed"/> or <see cref="SyncOutcome.MassDeleteRefused"/>.</returns>
    public async Task<SyncOutcome> SwapAsync(GenerationSwap swap)
    {
        var next = State with { Generation = null, Reconciles = null };

        // Where rows and checkpoint are in different stores, the rows would be gone before the checkpoint's fence is checked.
        await context.Lease.RenewIfDueAsync().ConfigureAwait(false);
        var result = await context.Keeper.SwapAsync(context.Local, swap, next).ConfigureAwait(false);
        if (result.Refused)
        {
            PullLog.MassDeleteRefused(context.Run.Log, context.Dataset.Name, result.Removed, result.LocalRows);
            return SyncOutcome.MassDeleteRefused;
        }

        State = next;
        Counts.Add(result);
        context.Run.Metrics.RecordArtifacts(context.Dataset.Name, 0, 0, result.Removed);
        PullLog.GenerationSwapped(context.Run.Log, context.Dataset.Name, result.Removed);
        if (result.Held > 0)
        {
            PullLog.UnrecordedEditsHeld(context.Run.Log, context.Dataset.Name, result.Held, result.LocalRows);
        }

        return SyncOutcome.Completed;
    }

    public void Report(SyncPhase phase) =>
        context.Run.Progress.Report(phase, Counts.Pages, context.Tally.Bytes, context.Tally.Retries, context.Run.Memory.Current);

    private IAsyncEnumerable<PulledPage> Read(IPullPass pass, WriterWatch writer, CancellationToken cancellationToken)
    {
        var run = context.Run;
        var fetcher = NewFetcher(pass);

        // Tombstones are few or to be looked at before they are applied: their number is asked for in any case.
        var count = pass.Content == PageContent.Tombstones ? TotalCount.Exact : run.Options.TotalCount;
        return pass.Ranges is { } ranges
            ? new RangePager(fetcher, ranges, new PullConcurrency(run.Options.MaxPullRequests, writer), context.Tally).ReadAsync(count, cancellationToken)
            : new CursorPager(fetcher, pass.Content).ReadAsync(pass.Start, count, cancellationToken);
    }

    private PageFetcher NewFetcher(IPullPass pass)
    {
        var run = context.Run;
        return new PageFetcher(context.Pages, pass.Dataset, PageSizer.For(run.Request, run.Options), run.Seams, run.Metrics, run.Log);
    }

    private async Task CommitAsync(IPullPass pass, PageGroup group, DeleteGuard? guard)
    {
        // Rows of a session that has ended are not applied.
        if (group.Pages.Count == 0 || group.Failure?.SourceException is SyncAuthException { IsOfAnotherUser: true })
        {
            return;
        }

        var started = context.Run.Seams.Time.GetTimestamp();
        await context.Lease.RenewIfDueAsync().ConfigureAwait(false);
        var next = pass.Advance(State, group);
        ApplyResult result = default;
        if (group.Rows > 0 || next != State)
        {
            result = await context.Keeper.ApplyAsync(context.Local, BatchOf(pass, group, next), next).ConfigureAwait(false);
            State = next;
        }

        context.Run.Watch?.Step();
        guard?.Record(result);
        Counts.Add(group, result);
        Record(pass, group, result, started);
    }

    private ApplyBatch BatchOf(IPullPass pass, PageGroup group, CheckpointState next)
    {
        IReadOnlyList<Page> pages = group.Rows == 0 ? [] : [.. group.Pages.Select(static page => page.Page)];

        // A tombstone does not show that its row exists: its key must not count as seen by a resync.
        var generation = pass.Content == PageContent.Rows ? State.Generation : null;
        return new ApplyBatch(pass.Dataset, pages, Checkpoint: null, generation)
        {
            AreTombstones = pass.Content == PageContent.Tombstones,
            Reconciliation = next.Reconciles is { } known ? UnrecordedEdits.Rule(pass.Dataset, known) : null,
        };
    }

    private void Record(IPullPass pass, PageGroup group, ApplyResult result, long started)
    {
        context.Run.Memory.Sample();
        context.Run.Metrics.RecordArtifacts(context.Dataset.Name, result.Applied, result.Unchanged, result.Deleted);
        foreach (var page in context.Run.Options.TotalCount == TotalCount.None ? [] : group.Pages)
        {
            // PostgreSQL's planner estimates one row for an empty result.
            context.Run.Progress.Expect(page.Total is not null && page.Page.Count == 0 ? 0 : page.Total);
        }

        context.Run.Progress.Commit(group.Rows);
        Report(pass.Phase);
        PullLog.Committed(
            context.Run.Log,
            context.Dataset.Name,
            group.Pages.Count,
            result.Applied,
            result.Unchanged,
            result.Deleted,
            context.Run.Seams.Time.GetElapsedTime(started).TotalMilliseconds,
            context.Run.Memory.PercentOfLimit);
        if (result.SameVersion > 0 && pass.Dataset is { VersionOrdinal: { } version } dataset && !_reportedStandingVersions)
        {
            _reportedStandingVersions = true;
            PullLog.VersionStands(context.Run.Log, dataset.Name, dataset.Columns[version].Name, dataset.Columns[dataset.CursorOrdinal].Name);
        }

        if (context.Run.Memory.IsAboveLimit)
        {
            PullLog.MemoryAboveLimit(context.Run.Log, context.Run.Memory.PercentOfLimit, context.Run.Options.MemoryLimit);
        }
    }
}
