using Agent.Sync.Checkpoints;
using Agent.Sync.Local;

namespace Agent.Sync.Pull;

/// <summary>Pulls one dataset: the backfill if one is due, then the delta, then the end of a resync.</summary>
internal sealed class DatasetPull(PullContext context)
{
    private readonly PullCounts _counts = new();
    private readonly long _started = context.Seams.Time.GetTimestamp();
    private CheckpointState _state = null!;
    private bool _moreAboveCeiling;

    public async Task<DatasetResult> RunAsync(CancellationToken cancellationToken)
    {
        var local = await context.Local.PrepareAsync(context.Dataset, cancellationToken).ConfigureAwait(false);
        var saved = await context.Keeper.ReadAsync(cancellationToken).ConfigureAwait(false);
        var start = PullStart.Decide(
            saved, context.Dataset, context.Scope, local, context.Request.FullResync, context.Seams.Time.GetUtcNow().UtcTicks);
        if (start.State is null)
        {
            return Result(start.Outcome) with { ResyncReason = start.Reason };
        }

        _state = start.State;

        // What an earlier run of the same backfill brought counts as done; a delta counts its own rows alone.
        context.Progress.Begin(context.Dataset.Name, _state.Phase == SyncPhase.Backfill ? _state.RowsCompleted : 0);
        return Result(await RunPassesAsync(cancellationToken).ConfigureAwait(false));
    }

    private async Task<SyncOutcome> RunPassesAsync(CancellationToken cancellationToken)
    {
        if (_state.Phase == SyncPhase.Backfill)
        {
            LogBackfill();
            var backfill = new BackfillPass(context.Dataset, _state, context.Options.OverlapLag);
            if (!await RunPassAsync(backfill, cancellationToken).ConfigureAwait(false))
            {
                return SyncOutcome.TimeBudgetReached;
            }
        }

        PullLog.DeltaStarts(context.Log, context.Dataset.Name);
        var delta = new DeltaPass(context.Dataset, _state, context.Options.OverlapLag);
        if (!await RunPassAsync(delta, cancellationToken).ConfigureAwait(false))
        {
            return SyncOutcome.TimeBudgetReached;
        }

        _moreAboveCeiling = delta.MoreAboveCeiling;
        RecordCheckpointAge(delta);
        return await EndResyncAsync().ConfigureAwait(false);
    }

    /// <summary>Applies one group while the next one is gathered: double buffering, with no channel and no thread of its own.</summary>
    /// <returns>False when the run's time was over before the pass was.</returns>
    private async Task<bool> RunPassAsync(IPullPass pass, CancellationToken cancellationToken)
    {
        var pager = new CursorPager(context.Transport, context.Dataset, context.Seams, context.Metrics, context.Log);
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

    private async Task CommitAsync(IPullPass pass, PageGroup group)
    {
        // Rows of a session that ended are not applied any more.
        if (group.Pages.Count == 0 || group.Failure?.SourceException is SyncAuthException { Kind: SyncErrorKind.UserChanged })
        {
            return;
        }

        var started = context.Seams.Time.GetTimestamp();
        await context.Lease.RenewIfDueAsync().ConfigureAwait(false);
        var next = pass.Advance(_state, group);
        ApplyResult result = default;
        if (group.Rows > 0 || next != _state)
        {
            IReadOnlyList<Page> pages = group.Rows == 0 ? [] : [.. group.Pages.Select(static page => page.Page)];
            var batch = new ApplyBatch(context.Dataset, pages, Checkpoint: null, _state.Generation);
            result = await context.Keeper.ApplyAsync(context.Local, batch, next).ConfigureAwait(false);
            _state = next;
        }

        _counts.Add(group, result);
        Tell(pass, group, result, started);
    }

    private void Tell(IPullPass pass, PageGroup group, ApplyResult result, long started)
    {
        context.Memory.Sample();
        context.Metrics.CountArtifacts(context.Dataset.Name, result.Applied, result.Unchanged, result.Deleted);
        foreach (var page in group.Pages)
        {
            context.Progress.Expect(page.Total);
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
        if (context.Memory.IsAboveLimit)
        {
            PullLog.MemoryAboveLimit(context.Log, context.Memory.PercentOfLimit, context.Options.MemoryLimit);
        }
    }

    private async Task<SyncOutcome> EndResyncAsync()
    {
        if (_state.Generation is { } generation)
        {
            var share = context.Request.AllowMassDelete ? 1.0 : context.Options.MaxDeleteShare;
            var next = _state with { Generation = null };
            var swap = new GenerationSwap(context.Dataset, generation, share, Checkpoint: null);

            // Where rows and checkpoint are apart, the rows would be gone before the checkpoint's fence is looked at.
            await context.Lease.RenewIfDueAsync().ConfigureAwait(false);
            var result = await context.Keeper.SwapAsync(context.Local, swap, next).ConfigureAwait(false);
            if (result.Refused)
            {
                PullLog.MassDeleteRefused(context.Log, context.Dataset.Name, result.Removed, result.LocalRows);
                return SyncOutcome.MassDeleteRefused;
            }

            _state = next;
            _counts.AddRemoved(result.Removed);
            context.Metrics.CountArtifacts(context.Dataset.Name, 0, 0, result.Removed);
            PullLog.GenerationSwapped(context.Log, context.Dataset.Name, result.Removed);
        }

        Report(SyncPhase.Completed);
        return SyncOutcome.Completed;
    }

    private void Report(SyncPhase phase) =>
        context.Progress.Report(phase, _counts.Pages, context.Tally.Bytes, context.Tally.Retries, context.Memory.Current);

    private void RecordCheckpointAge(DeltaPass delta)
    {
        if (delta.ServerTime is { } now
            && TimestampText.TryParse(_state.Settled!.CursorValue!, out var settled))
        {
            var age = TimeSpan.FromMicroseconds(TimestampText.ToMicroseconds(now) - settled);
            context.Metrics.RecordCheckpointAge(context.Dataset.Name, age);
        }
    }

    private void LogBackfill()
    {
        if (_state.RowsCompleted > 0)
        {
            PullLog.BackfillResumes(context.Log, context.Dataset.Name, _state.RowsCompleted);
        }
        else
        {
            PullLog.BackfillStarts(context.Log, context.Dataset.Name, _state.Generation is null ? "first sync" : "resync");
        }
    }

    public DatasetResult Result(SyncOutcome outcome) => new()
    {
        Dataset = context.Dataset.Name,
        Outcome = outcome,
        Grade = CompletenessGrade.Overlap,
        Applied = _counts.Applied,
        Unchanged = _counts.Unchanged,
        Deleted = _counts.Deleted,
        Pages = _counts.Pages,
        Requests = context.Tally.Requests,
        Retries = context.Tally.Retries,
        Bytes = _counts.Bytes,
        MoreAboveCeiling = _moreAboveCeiling,
        Duration = context.Seams.Time.GetElapsedTime(_started),
    };
}
