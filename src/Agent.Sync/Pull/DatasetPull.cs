using Agent.Sync.Checkpoints;
using Agent.Sync.Kit;
using Agent.Sync.Stores;

namespace Agent.Sync.Pull;

/// <summary>Pulls one dataset: the backfill if one is due, then what changed and what went, then the end of a resync.</summary>
internal sealed class DatasetPull(PullContext context)
{
    private static readonly TimeSpan HeldForLong = TimeSpan.FromMinutes(1);

    private KitDataset? _kit = context.Scope.Kit;
    private PassRunner? _passes;
    private bool _moreAboveCeiling;
    private bool _positionIsAhead;

    /// <summary>Gets a value indicating whether this pull looked for edits that were not recorded.</summary>
    public bool LookedForEdits { get; private set; }

    /// <summary>Tombstones that the user may not see, or that are not written, cannot be promised.</summary>
    private CompletenessGrade GradeOfResult => _kit is { Table.PoliciesChanged: true } or { FollowsFilters: false }
        ? CompletenessGrade.Overlap
        : context.Scope.Grade;

    public async Task<DatasetResult> RunAsync(CancellationToken cancellationToken)
    {
        var local = await context.Local.PrepareAsync(context.Dataset, cancellationToken).ConfigureAwait(false);
        var saved = await context.Keeper.ReadAsync(cancellationToken).ConfigureAwait(false);
        var start = PullStart.Decide(
            saved, context.Scope, local, context.Request.FullResync, context.Seams.Time.GetUtcNow().UtcTicks);
        if (start.State is not { } state)
        {
            return Result(start.Outcome) with { ResyncReason = start.Reason };
        }

        if (saved is not null && saved.Grade != state.Grade)
        {
            PullLog.GradeChanges(context.Log, context.Dataset.Name, saved.Grade, state.Grade);
        }

        LookedForEdits = state.Reconciles is not null;
        _passes = new PassRunner(context, state);

        // What an earlier run of the same backfill brought counts as done; a delta counts its own rows alone.
        context.Progress.Begin(context.Dataset.Name, state.Phase == SyncPhase.Backfill ? state.RowsCompleted : 0);
        return await RunPassesAsync(_passes, cancellationToken).ConfigureAwait(false);
    }

    public DatasetResult Result(SyncOutcome outcome)
    {
        var counts = _passes?.Counts ?? new PullCounts();
        return new DatasetResult
        {
            Dataset = context.Dataset.Name,
            Outcome = outcome,
            Grade = GradeOfResult,
            Applied = counts.Applied,
            Unchanged = counts.Unchanged,
            Deleted = counts.Deleted,
            HorizonHeldSince = _kit?.Horizon.HeldSince,
            Pages = counts.Pages,
            Requests = context.Tally.Requests,
            Retries = context.Tally.Retries,
            Bytes = counts.Bytes,
            HasMore = _moreAboveCeiling,
        };
    }

    private async Task<DatasetResult> RunPassesAsync(PassRunner passes, CancellationToken cancellationToken)
    {
        if (passes.State.Phase == SyncPhase.Backfill)
        {
            LogBackfill(passes.State);
            var backfill = new BackfillPass(context.Dataset, passes.State, NewBounds());
            if (!await passes.RunAsync(backfill, cancellationToken).ConfigureAwait(false))
            {
                return Result(SyncOutcome.TimeBudgetReached);
            }

            var reason = backfill.PositionIsAhead
                ? ResyncReason.PositionAhead
                : await RefreshKitAsync(passes.State, cancellationToken).ConfigureAwait(false);
            if (reason != ResyncReason.None)
            {
                return Result(SyncOutcome.ResyncRequired) with { ResyncReason = reason };
            }

            if (passes.State.RowsCompleted == 0)
            {
                PullLog.NoRowsVisible(context.Log, context.Dataset.Name);
            }
        }

        // Rows that change from here on are compared with what the device is known to hold, as ever.
        if (passes.State.Reconciles is { } known && !await SwapAsync(passes, Guarded(UnrecordedEdits.Rule(context.Dataset, known))).ConfigureAwait(false))
        {
            return Result(SyncOutcome.MassDeleteRefused);
        }

        if (!await RunDeltaAsync(passes, cancellationToken).ConfigureAwait(false))
        {
            return Result(SyncOutcome.TimeBudgetReached);
        }

        if (_positionIsAhead)
        {
            return Result(SyncOutcome.ResyncRequired) with { ResyncReason = ResyncReason.PositionAhead };
        }

        if (!await SwapAsync(passes, reconciliation: null).ConfigureAwait(false))
        {
            return Result(SyncOutcome.MassDeleteRefused);
        }

        passes.Report(SyncPhase.Completed);
        return Result(passes.Counts.Held > 0 ? SyncOutcome.UnrecordedEditsHeld : SyncOutcome.Completed);
    }

    /// <summary>Brings what changed, then what went: a row that goes in between is found among the latter.</summary>
    private async Task<bool> RunDeltaAsync(PassRunner passes, CancellationToken cancellationToken)
    {
        PullLog.DeltaStarts(context.Log, context.Dataset.Name);
        var bounds = NewBounds();
        var rows = new DeltaPass(context.Dataset, PageContent.Rows, passes.State, bounds);
        if (!await passes.RunAsync(rows, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        _positionIsAhead = rows.PositionIsAhead;
        _moreAboveCeiling = rows.HasMore;
        if (_kit is { } kit)
        {
            var tombstones = new DeltaPass(kit.Tombstones, PageContent.Tombstones, passes.State, bounds);
            if (!await RunTombstonesAsync(passes, tombstones, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            _moreAboveCeiling |= tombstones.HasMore;
            Tell(kit);
        }

        context.Metrics.RecordCheckpointAge(context.Dataset.Name, bounds.AgeOf(passes.State));
        return true;
    }

    private async Task<bool> RunTombstonesAsync(PassRunner passes, DeltaPass tombstones, CancellationToken cancellationToken)
    {
        try
        {
            return await passes.RunAsync(tombstones, cancellationToken).ConfigureAwait(false);
        }
        catch (SyncSchemaException exception) when (exception.Kind == SyncErrorKind.RemoteSchema)
        {
            // Nobody declared that table: the message has to speak of the one that was.
            throw KitFailure.TombstonesDoNotFit(context.Scope.Declared, exception.Code);
        }
    }

    /// <summary>A backfill may take hours: its delta goes up to the present, not to where the backfill began.</summary>
    /// <returns>What became of the table's history meanwhile.</returns>
    private async Task<ResyncReason> RefreshKitAsync(CheckpointState state, CancellationToken cancellationToken)
    {
        if (_kit is null)
        {
            return ResyncReason.None;
        }

        // A kit that was removed meanwhile is the next run's to notice: what was read so far stays right.
        _kit = await context.RefreshKit(cancellationToken).ConfigureAwait(false) ?? _kit;
        return HistoryCheck.Compare(state, _kit);
    }

    private PassBounds NewBounds() =>
        _kit is { } kit ? new HorizonBounds(kit.Horizon) : new ClockBounds(context.Dataset, context.Options.OverlapLag);

    private async Task<bool> SwapAsync(PassRunner passes, Reconciliation? reconciliation)
    {
        if (passes.State.Generation is not { } generation)
        {
            return true;
        }

        var share = context.Request.AllowMassDelete ? 1.0 : context.Options.MaxDeleteShare;
        var swap = new GenerationSwap(context.Dataset, generation, share, Checkpoint: null) { Reconciliation = reconciliation };
        return await passes.SwapAsync(swap).ConfigureAwait(false);
    }

    private Reconciliation Guarded(Reconciliation rule) => rule with
    {
        MaxEdits = context.Options.Push.MaxUnrecorded,
        MaxShare = context.Options.Push.MaxUnrecordedShare,
        KeepsDeleted = context.Options.Push.ConflictPolicy != ConflictPolicy.ServerWins,
    };

    private void Tell(KitDataset kit)
    {
        context.Metrics.RecordHorizonAge(context.Dataset.Name, kit.Horizon.Age);
        if (kit.Horizon.Age >= HeldForLong)
        {
            PullLog.HorizonHeld(context.Log, context.Dataset.Name, kit.Horizon.Age.TotalSeconds);
        }

        if (kit.Table.PoliciesChanged)
        {
            PullLog.PoliciesChanged(context.Log, HorizonCall.NameOf(kit.Declared), KitFailure.EnableCall(kit.Declared));
        }

        if (!kit.FollowsFilters)
        {
            PullLog.FiltersNotFollowed(context.Log, kit.Declared.Name, KitFailure.EnableCall(kit.Declared));
        }
    }

    private void LogBackfill(CheckpointState state)
    {
        if (state.RowsCompleted > 0)
        {
            PullLog.BackfillResumes(context.Log, context.Dataset.Name, state.RowsCompleted);
            return;
        }

        var reason = state switch
        {
            { Reconciles: not null } => "resync that looks for unrecorded edits",
            { Reread: not null } => "resync, since columns were added or lost",
            { Generation: not null } => "resync",
            _ => "first sync",
        };
        PullLog.BackfillStarts(context.Log, context.Dataset.Name, reason);
    }
}
