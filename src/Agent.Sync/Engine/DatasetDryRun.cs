using Agent.Sync.Checkpoints;
using Agent.Sync.Kit;
using Agent.Sync.Postgrest;
using Agent.Sync.Pull;
using Agent.Sync.Runs;
using Agent.Sync.Stores;

namespace Agent.Sync.Engine;

/// <summary>What a run would do with one dataset. Nothing is written on either side: no lease is taken, no change is frozen, no table is made, and no checkpoint moves.</summary>
internal sealed class DatasetDryRun(EngineParts parts, RunContext run, KitRun kit, Dataset dataset)
{
    private readonly RequestTally _tally = new(run.Watch);

    public async Task<DatasetResult> RunAsync(CancellationToken cancellationToken)
    {
        var started = run.Seams.Time.GetTimestamp();
        try
        {
            return Finish(await LookAsync(cancellationToken).ConfigureAwait(false), started);
        }
        catch (SyncAuthException exception) when (exception.IsOfAnotherUser)
        {
            return Finish(Ended(SyncOutcome.UserChanged), started);
        }
    }

    private async Task<DatasetResult> LookAsync(CancellationToken cancellationToken)
    {
        var session = await parts.Client.OpenSessionAsync(_tally, cancellationToken).ConfigureAwait(false);
        var stamp = ScopeStamp.For(dataset, parts.Options.Url!, session.Subject, session.Role);
        var saved = await ReadCheckpointAsync(cancellationToken).ConfigureAwait(false);
        var changes = parts.Local is IChangeStore store ? await store.CountChangesAsync(dataset, cancellationToken).ConfigureAwait(false) : default;
        var holdsChanges = changes is not (0, 0);
        if (!run.IsOfSameUser(session.Subject) || (saved is not null && !ResyncCheck.IsSameUser(saved.Scope, stamp) && holdsChanges))
        {
            return Ended(SyncOutcome.UserChanged);
        }

        var scope = new PullScope(dataset, stamp, await kit.GetAsync(session, dataset, cancellationToken).ConfigureAwait(false));
        var before = await parts.Local.PreviewAsync(new ApplyBatch(scope.Dataset, [], Checkpoint: null, Generation: null), cancellationToken).ConfigureAwait(false);
        var local = before?.State ?? new LocalState(saved?.StoreId ?? Guid.Empty, HasRows: saved is not null);
        var start = PullStart.Decide(saved, scope, local, run.Request.FullResync, newGeneration: 1);
        if (start.State is not { } state)
        {
            return Ended(start.Outcome) with { ResyncReason = start.Reason };
        }

        var pull = new PullPreview(run, scope, session, parts.Local);
        await pull.RunAsync(state, before, cancellationToken).ConfigureAwait(false);
        if (pull.PositionIsAhead)
        {
            return Ended(SyncOutcome.ResyncRequired) with { ResyncReason = ResyncReason.PositionAhead };
        }

        var (pulls, pushes) = (run.Request.Direction != SyncDirection.Push, run.Request.Direction != SyncDirection.Pull);
        return new DatasetResult
        {
            Dataset = dataset.Name,
            Outcome = pulls && IsMassDelete(state, pull, before) ? SyncOutcome.MassDeleteRefused : SyncOutcome.Completed,
            Grade = scope.Grade,
            AsOf = saved?.AsOf,
            Applied = pulls ? pull.Applied : 0,
            Deleted = pulls ? pull.Deleted : 0,
            Pushed = pushes ? changes.Waiting : 0,
            Pending = pushes ? 0 : changes.Waiting,
            Quarantined = changes.Quarantined,
            Conflicts = pushes ? pull.Contested : 0,
            HorizonHeldSince = scope.Kit?.Horizon.HeldSince,
            IsEstimate = pulls && pull.IsEstimate,
        };
    }

    /// <summary>Reads the checkpoint, and the key that seals it only where there is one: asking for the key would make it.</summary>
    private async Task<CheckpointState?> ReadCheckpointAsync(CancellationToken cancellationToken)
    {
        var id = CheckpointId.For(dataset);
        return await parts.Checkpoints.ReadAsync(id, cancellationToken).ConfigureAwait(false) is { } stored
            ? CheckpointCodec.Read(await parts.GetSealAsync(cancellationToken).ConfigureAwait(false), id, dataset.Name, stored.Content)
            : null;
    }

    private bool IsMassDelete(CheckpointState state, PullPreview pull, ApplyPreview? before)
    {
        if (run.Request.AllowMassDelete || run.Options.MaxDeleteShare >= 1 || before is null)
        {
            return false;
        }

        return state.Generation is null
            ? pull.Deleted > DeleteGuard.LimitOf(run.Options, before.LocalRows)
            : pull.Deleted > run.Options.MaxDeleteShare * before.LocalRows;
    }

    private DatasetResult Ended(SyncOutcome outcome) => new() { Dataset = dataset.Name, Outcome = outcome, Grade = CompletenessGrade.Overlap };

    private DatasetResult Finish(DatasetResult result, long started)
    {
        EngineLog.DatasetDryRun(run.Log, dataset.Name, result.Outcome, result.Applied, result.Deleted, result.Pushed, result.Conflicts, result.IsEstimate, _tally.Requests);
        return result with
        {
            Requests = _tally.Requests,
            Retries = _tally.Retries,
            Bytes = _tally.Bytes,
            Duration = run.Seams.Time.GetElapsedTime(started),
        };
    }
}
