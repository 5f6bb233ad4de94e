using Agent.Sync.Checkpoints;
using Agent.Sync.Kit;
using Agent.Sync.Runs;
using Agent.Sync.Stores;

namespace Agent.Sync.Pull;

/// <summary>Pulls one dataset: the backfill if one is due, then what changed and what was deleted, then the end of a resync.</summary>
internal sealed class DatasetPull(PullContext context)
{
    private static readonly TimeSpan HeldForLong = TimeSpan.FromMinutes(1);

    private KitDataset? _kit = context.Scope.Kit;
    private PassRunner? _passes;
    private bool _hasMore;

    /// <summary>Gets a value indicating whether this pull looked for edits that were not recorded.</summary>
    public bool LookedForEdits { get; private set; }

    /// <summary>Deletes whose tombstones are hidden from the user, or not written, cannot be promised.</summary>
    private CompletenessGrade GradeOfResult => _kit is { Table.PoliciesChanged: true } or { FollowsFilters: false }
        ? CompletenessGrade.Overlap
        : context.Scope.Grade;

    public async Task<DatasetResult> RunAsync(CancellationToken cancellationToken)
    {
        var local = await context.Local.PrepareAsync(context.Dataset, cancellationToken).ConfigureAwait(false);
        var saved = await context.Keeper.ReadAsync(cancellationToken).ConfigureAwait(false);
        var start = PullStart.Decide(
            saved, context.Scope, local, context.Run.Request.FullResync, context.Run.Seams.Time.GetUtcNow().UtcTicks);
        if (start.State is not { } state)
        {
            return Result(start.Outcome) with { ResyncReason = start.Reason };
        }

        if (saved is not null && saved.Grade != state.Grade)
        {
            PullLog.GradeChanges(context.Run.Log, context.Dataset.Name, saved.Grade, state.Grade);
        }

        LookedForEdits = state.Reconciles is not null;
        _passes = new PassRunner(context, state);

        // What an earlier run of the same backfill brought counts as done; a delta counts its own rows alone.
        context.Run.Progress.Begin(context.Dataset.Name, state.Phase == SyncPhase.Backfill ? state.RowsCompleted : 0);
        return await BackfillAsync(_passes, cancellationToken).ConfigureAwait(false)
            ?? await ReconcileAsync(_passes).ConfigureAwait(false)
            ?? await BringChangesAsync(_passes, cancellationToken).ConfigureAwait(false)
            ?? await EndResyncAsync(_passes, reconciliation: null).ConfigureAwait(false)
            ?? Complete(_passes);
    }

    public DatasetResult Result(SyncOutcome outcome)
    {
        var counts = _passes?.Counts ?? new PullCounts();
        return new DatasetResult
        {
            Dataset = context.Dataset.Name,
            Outcome = outcome,
            Grade = GradeOfResult,
            AsOf = _passes?.State.AsOf,
            Applied = counts.Applied,
            Unchanged = counts.Unchanged,
            Deleted = counts.Deleted,
            HorizonHeldSince = _kit?.Horizon.HeldSince,
            Pages = counts.Pages,
            Requests = context.Tally.Requests,
            Retries = context.Tally.Retries,
            Bytes = counts.Bytes,
            HasMore = _hasMore,
        };
    }

    /// <summary>Reads everything once, if that is due.</summary>
    /// <returns>How the pull ends with that; null when it continues.</returns>
    private async Task<DatasetResult?> BackfillAsync(PassRunner passes, CancellationToken cancellationToken)
    {
        if (passes.State.Phase != SyncPhase.Backfill)
        {
            return null;
        }

        RecordBackfill(passes.State);
        var backfill = new BackfillPass(context.Dataset, passes.State, NewBounds());
        if (await passes.RunAsync(backfill, cancellationToken).ConfigureAwait(false) is var outcome and not SyncOutcome.Completed)
        {
            return Result(outcome);
        }

        var reason = backfill.PositionIsAhead
            ? ResyncReason.PositionAhead
            : await RefreshKitAsync(passes.State, cancellationToken).ConfigureAwait(false);
        if (reason != ResyncReason.None)
        {
            return ResyncRequired(reason);
        }

        if (passes.State.RowsCompleted == 0)
        {
            PullLog.NoRowsVisible(context.Run.Log, context.Dataset.Name);
        }

        return null;
    }

    /// <summary>Ends a resync that looked for unrecorded edits before the delta: rows that change from here on are compared, as usual, with what the local store is known to hold.</summary>
    private async Task<DatasetResult?> ReconcileAsync(PassRunner passes)
    {
        if (passes.State.Reconciles is not { } known)
        {
            return null;
        }

        var push = context.Run.Options.Push;
        return await EndResyncAsync(passes, UnrecordedEdits.Rule(context.Dataset, known) with
        {
            MaxEdits = push.MaxUnrecorded,
            MaxShare = push.MaxUnrecordedShare,
            KeepsDeleted = push.PolicyOf(context.Dataset) != ConflictPolicy.ServerWins,
        }).ConfigureAwait(false);
    }

    /// <summary>Brings what changed, then what was deleted: a row that is deleted in between is found among the latter.</summary>
    /// <returns>How the pull ends with that; null when it continues.</returns>
    private async Task<DatasetResult?> BringChangesAsync(PassRunner passes, CancellationToken cancellationToken)
    {
        PullLog.DeltaStarts(context.Run.Log, context.Dataset.Name);
        var bounds = NewBounds();
        var rows = new DeltaPass(context.Dataset, PageContent.Rows, passes.State, bounds);
        var outcome = await passes.RunAsync(rows, cancellationToken).ConfigureAwait(false);
        if (outcome != SyncOutcome.Completed)
        {
            return Result(outcome);
        }

        _hasMore = rows.HasMore;
        if (_kit is { } kit)
        {
            var tombstones = new DeltaPass(kit.Tombstones, PageContent.Tombstones, passes.State, bounds);
            outcome = await RunTombstonesAsync(passes, tombstones, cancellationToken).ConfigureAwait(false);
            if (outcome != SyncOutcome.Completed)
            {
                return Result(outcome);
            }

            _hasMore |= tombstones.HasMore;
            RecordKit(kit);
        }

        context.Run.Metrics.RecordCheckpointAge(context.Dataset.Name, bounds.AgeOf(passes.State));
        return rows.PositionIsAhead ? ResyncRequired(ResyncReason.PositionAhead) : null;
    }

    private async Task<SyncOutcome> RunTombstonesAsync(PassRunner passes, DeltaPass tombstones, CancellationToken cancellationToken)
    {
        try
        {
            return await passes.RunAsync(tombstones, cancellationToken).ConfigureAwait(false);
        }
        catch (SyncSchemaException exception) when (exception.Kind == SyncErrorKind.RemoteSchema)
        {
            // The app did not declare the tombstones' table, so the message names the table that it did declare.
            throw KitFailure.TombstonesDoNotFit(context.Scope.Declared, exception.Code);
        }
    }

    /// <summary>Removes what a resync did not bring.</summary>
    /// <returns>How the pull ends with that; null when it continues.</returns>
    private async Task<DatasetResult?> EndResyncAsync(PassRunner passes, Reconciliation? reconciliation)
    {
        if (passes.State.Generation is not { } generation)
        {
            return null;
        }

        var share = context.Run.Request.AllowMassDelete ? 1.0 : context.Run.Options.MaxDeleteShare;
        var swap = new GenerationSwap(context.Dataset, generation, share, Checkpoint: null) { Reconciliation = reconciliation };
        return await passes.SwapAsync(swap).ConfigureAwait(false) is var outcome and not SyncOutcome.Completed ? Result(outcome) : null;
    }

    private DatasetResult Complete(PassRunner passes)
    {
        passes.Report(SyncPhase.Completed);
        return Result(passes.Counts.Held > 0 ? SyncOutcome.UnrecordedEditsHeld : SyncOutcome.Completed);
    }

    private DatasetResult ResyncRequired(ResyncReason reason) => Result(SyncOutcome.ResyncRequired) with { ResyncReason = reason };

    /// <summary>A backfill may take hours: its delta continues up to the present, not to where the backfill began.</summary>
    /// <returns>What happened to the table's history meanwhile.</returns>
    private async Task<ResyncReason> RefreshKitAsync(CheckpointState state, CancellationToken cancellationToken)
    {
        if (_kit is null)
        {
            return ResyncReason.None;
        }

        // If the kit was removed meanwhile, the next run notices it: what was read so far stays right.
        _kit = await context.Kit.RefreshAsync(context.Calls, context.Scope.Declared, cancellationToken).ConfigureAwait(false) ?? _kit;
        return ResyncCheck.OfHistory(state, _kit);
    }

    private PassBounds NewBounds() =>
        _kit is { } kit ? new HorizonBounds(kit.Horizon) : new ServerClockBounds(context.Dataset, context.Run.Options.OverlapLag);

    private void RecordKit(KitDataset kit)
    {
        var log = context.Run.Log;
        context.Run.Metrics.RecordHorizonAge(context.Dataset.Name, kit.Horizon.Age);
        if (kit.Horizon.Age >= HeldForLong)
        {
            PullLog.HorizonHeld(log, context.Dataset.Name, kit.Horizon.Age.TotalSeconds);
        }

        if (kit.Table.PoliciesChanged)
        {
            PullLog.PoliciesChanged(log, HorizonCall.NameOf(kit.Declared), KitFailure.EnableCall(kit.Declared));
        }

        if (!kit.FollowsFilters)
        {
            PullLog.FiltersNotFollowed(log, kit.Declared.Name, KitFailure.EnableCall(kit.Declared));
        }
    }

    private void RecordBackfill(CheckpointState state)
    {
        if (state.RowsCompleted > 0)
        {
            PullLog.BackfillResumes(context.Run.Log, context.Dataset.Name, state.RowsCompleted);
            return;
        }

        var reason = state switch
        {
            { Reconciles: not null } => "resync that looks for unrecorded edits",
            { Reread: not null } => "resync, since columns were added or lost",
            { Generation: not null } => "resync",
            _ => "first sync",
        };
        PullLog.BackfillStarts(context.Run.Log, context.Dataset.Name, reason);
    }
}
