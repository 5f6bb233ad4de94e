using System.Diagnostics;
using Agent.Sync.Checkpoints;
using Agent.Sync.Kit;
using Agent.Sync.Postgrest;
using Agent.Sync.Runs;
using Agent.Sync.Stores;
using Agent.Sync.Verify;

namespace Agent.Sync.Engine;

/// <summary>One call of VerifyAsync: the session, the lease and what an earlier call left, then the comparison.</summary>
internal sealed class VerifyCall(EngineParts parts, Dataset dataset, VerifyOptions options, IProgress<VerifyProgress>? progress)
{
    private readonly RequestTally _tally = new();
    private readonly long _started = parts.Seams.Time.GetTimestamp();
    private VerifyState? _state;
    private CompletenessGrade _grade = CompletenessGrade.Overlap;

    public async Task<VerifyResult> RunAsync(CancellationToken cancellationToken)
    {
        using var span = SyncDiagnostics.Source.StartActivity("sync verify");
        span?.SetTag("dataset", dataset.Name);
        var outcome = "Failed";
        string? error = null;
        try
        {
            var result = await RunUnderLeaseAsync(cancellationToken).ConfigureAwait(false);
            outcome = result.Outcome.ToString();
            span?.SetTag("outcome", outcome);
            VerifyLog.Ended(
                parts.Log, dataset.Name, result.Outcome, result.Compared, result.Missing, result.Stale, result.Extra, result.Newer, result.Restored, result.Removed, result.Requests, result.Duration.TotalSeconds);
            parts.Metrics.RecordVerify(result);
            return result;
        }
        catch (Exception exception)
        {
            (outcome, error) = RecordFailure(span, exception);
            throw;
        }
        finally
        {
            parts.Metrics.RecordVerify(dataset.Name, outcome, error, parts.Seams.Time.GetElapsedTime(_started));
            parts.Metrics.RecordRequests(dataset.Name, _tally.Requests, _tally.Retries, _tally.RateLimitWait, Diagnostics.SyncMetrics.Verify);
        }
    }

    private (string Outcome, string Error) RecordFailure(Activity? span, Exception exception)
    {
        RunRecorder.RecordFailure(span, exception);
        if (exception is OperationCanceledException)
        {
            VerifyLog.Cancelled(parts.Log, dataset.Name);
            return ("Cancelled", "Cancelled");
        }

        if (exception is not SyncException failure)
        {
            return ("Failed", exception.GetType().Name);
        }

        VerifyLog.Failed(parts.Log, dataset.Name, failure.Kind, failure.Code ?? SyncException.NoCode);
        return ("Failed", failure.Kind.ToString());
    }

    private async Task<VerifyResult> RunUnderLeaseAsync(CancellationToken cancellationToken)
    {
        var session = await parts.Client.OpenSessionAsync(_tally, cancellationToken).ConfigureAwait(false);
        var seal = await parts.GetSealAsync(cancellationToken).ConfigureAwait(false);
        var lease = await DatasetLease.AcquireAsync(parts.Checkpoints, dataset, parts.Seams, options.LeaseWait, cancellationToken).ConfigureAwait(false);
        try
        {
            return await RunAsync(session, seal, lease, cancellationToken).ConfigureAwait(false);
        }
        catch (SyncAuthException exception) when (exception.IsOfAnotherUser)
        {
            return Result(VerifyOutcome.UserChanged);
        }
        finally
        {
            await lease.ReleaseAsync().ConfigureAwait(false);
        }
    }

    private async Task<VerifyResult> RunAsync(PostgrestSession session, ContentSeal seal, DatasetLease lease, CancellationToken cancellationToken)
    {
        var keeper = new CheckpointKeeper(parts.Checkpoints, seal, dataset, parts.Seams.Time, lease.Fence);
        var saved = await keeper.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (saved is null)
        {
            return Result(VerifyOutcome.NotSynced);
        }

        var stamp = ScopeStamp.For(dataset, parts.Options.Url!, session.Subject, session.Role);
        if (!ResyncCheck.IsSameUser(saved.Scope, stamp))
        {
            return Result(VerifyOutcome.UserChanged);
        }

        var kit = saved.Grade == CompletenessGrade.Exact
            ? await new KitRun(parts.Kit, [dataset]).GetAsync(session, dataset, cancellationToken).ConfigureAwait(false)
            : null;
        if (saved is not { Phase: SyncPhase.Delta, Generation: null, Reconciles: null, SafePosition.CursorValue: { } below } || (saved.Grade == CompletenessGrade.Exact && kit is null))
        {
            return Result(VerifyOutcome.NotSynced);
        }

        var target = kit?.Rows ?? dataset;
        var local = await parts.Local.PrepareAsync(target, cancellationToken).ConfigureAwait(false);
        var reason = ResyncCheck.BeforePull(saved, stamp, local, kit);
        if (reason != ResyncReason.None)
        {
            return Result(VerifyOutcome.ResyncRequired) with { ResyncReason = reason };
        }

        if (local is { HasUnrecordedChanges: true } or { Reread: not null })
        {
            return Result(VerifyOutcome.NotSynced);
        }

        _grade = kit is null or { Table.PoliciesChanged: true } or { FollowsFilters: false } ? CompletenessGrade.Overlap : CompletenessGrade.Exact;
        var id = CheckpointId.ForVerify(dataset);
        var ownLease = await DatasetLease.AcquireAsync(parts.Checkpoints, id, dataset, parts.Seams, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        try
        {
            var progressKeeper = new VerifyKeeper(parts.Checkpoints, seal, id, ownLease.Fence, parts.Seams.Time);
            var belongs = string.Join(' ', stamp.Combine(target), local.StoreId, kit?.Table.Epoch, options.Repair, options.CompareValues);
            _state = await BeginAsync(progressKeeper, belongs, below, kit, cancellationToken).ConfigureAwait(false);
            return await CompareAsync(session, lease, keeper, saved, kit, progressKeeper, _state, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await ownLease.ReleaseAsync().ConfigureAwait(false);
        }
    }

    private async Task<VerifyState> BeginAsync(VerifyKeeper keeper, string belongs, string below, KitDataset? kit, CancellationToken cancellationToken)
    {
        var left = await keeper.ReadAsync(cancellationToken).ConfigureAwait(false);
        var continues = !options.StartOver && left is { Phase: not VerifyPhase.Completed } && string.Equals(left.Belongs, belongs, StringComparison.Ordinal);
        VerifyLog.Starts(parts.Log, dataset.Name, options.Repair, options.CompareValues, continues);
        return continues ? left! : new VerifyState { Belongs = belongs, Below = below, Phase = kit is null ? VerifyPhase.Rows : VerifyPhase.Digests };
    }

    private async Task<VerifyResult> CompareAsync(
        PostgrestSession session, DatasetLease lease, CheckpointKeeper keeper, CheckpointState saved, KitDataset? kit, VerifyKeeper progressKeeper, VerifyState state, CancellationToken cancellationToken)
    {
        using var timeOver = options.MaxDuration is { } limit ? new CancellationTokenSource(limit, parts.Seams.Time) : new CancellationTokenSource();
        var target = kit?.Rows ?? dataset;
        var outcome = await new DatasetVerify(new VerifyContext
        {
            Options = options,
            Settings = parts.Options,
            Seams = parts.Seams,
            Metrics = parts.Metrics,
            Log = parts.Log,
            Dataset = target,
            Columns = VerifyContext.ColumnsOf(target, options.CompareValues),
            Kit = kit,
            Pages = session,
            Calls = session,
            Local = parts.Local,
            Keeper = keeper,
            Checkpoint = saved,
            Lease = lease,
            Progress = progressKeeper,
            State = state,
            Reporter = new VerifyReporter(progress, dataset.Name, _tally, parts.Seams.Time, parts.Log),
            Budget = new VerifyBudget(options, _tally, timeOver.Token),
        }).RunAsync(cancellationToken).ConfigureAwait(false);
        return Result(outcome);
    }

    private VerifyResult Result(VerifyOutcome outcome)
    {
        var counts = _state?.Counts ?? new VerifyCounts();
        return new VerifyResult
        {
            Dataset = dataset.Name,
            Outcome = outcome,
            Grade = _grade,
            Compared = counts.Compared,
            Missing = counts.Missing,
            Stale = counts.Stale,
            Extra = counts.Extra,
            Newer = counts.Newer,
            LeftOut = counts.LeftOut,
            WithoutPosition = counts.WithoutPosition,
            Buckets = counts.Buckets,
            BucketsDiffered = counts.BucketsDiffered,
            Restored = counts.Restored,
            Removed = counts.Removed,
            ColumnsLeftOut = options.CompareValues ? _state?.ColumnsLeftOut ?? [] : [],
            Requests = _tally.Requests,
            Bytes = _tally.Bytes,
            Duration = parts.Seams.Time.GetElapsedTime(_started),
        };
    }
}
