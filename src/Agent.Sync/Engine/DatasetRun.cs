using Agent.Sync.Checkpoints;
using Agent.Sync.Diagnostics;
using Agent.Sync.Kit;
using Agent.Sync.Postgrest;
using Agent.Sync.Pull;
using Agent.Sync.Push;
using Agent.Sync.Push.Batches;
using Agent.Sync.Runs;
using Agent.Sync.Stores;

namespace Agent.Sync.Engine;

/// <summary>One dataset for as long as a run lasts: its phases, each under a session and a lease of its own, and what they have done so far.</summary>
internal sealed class DatasetRun(EngineParts parts, RunContext run, RunRecorder recorder, KitRun kit, Dataset dataset)
{
    private DatasetResult? _result;
    private DatasetPull? _pull;
    private TimeSpan _elapsed;

    public Dataset Dataset => dataset;

    public RequestTally Tally { get; } = new(run.Watch);

    /// <summary>Gets what the parts of the push did.</summary>
    public PushState Push { get; } = new(parts.Options.Push);

    /// <summary>Gets a value indicating whether any phase of the dataset has ended.</summary>
    public bool WasReached => _result is not null;

    /// <summary>Gets a value indicating whether the pull looked for edits that were not recorded: what it found is still to be pushed.</summary>
    public bool LookedForEdits { get; private set; }

    /// <summary>Gets why the SQL kit lets nothing of the dataset be synced, which ends its phases in this run; null as long as it may be synced.</summary>
    public SyncSchemaException? KitFailure { get; private set; }

    /// <summary>Pushes one part of the changes that wait.</summary>
    /// <returns><see cref="SyncOutcome.Completed"/> when the run continues; else how it ends.</returns>
    public Task<SyncOutcome> PushAsync(IChangeStore store, ChangePart part, CancellationToken cancellationToken) =>
        RunAsync(SyncMetrics.Push, held => PushAsync(held, store, part, cancellationToken), cancellationToken);

    /// <summary>Ends the push: settles what was refused and is not decided yet.</summary>
    /// <returns><see cref="SyncOutcome.Completed"/> when the run continues; else how it ends.</returns>
    public Task<SyncOutcome> EndPushAsync(IChangeStore store, CancellationToken cancellationToken) =>
        RunAsync(SyncMetrics.Push, held => PushAsync(held, store, part: null, cancellationToken), cancellationToken);

    /// <summary>
    /// Lets the changes wait again whose refusal is not decided, when the push ends before that. What stays in flight can be neither discarded nor merged with later edits, and a change of which an
    /// earlier run left it unknown whether it arrived stays so. If it fails, they stay in flight: it is not why the push ends.
    /// </summary>
    public async Task ReturnRefusedAsync(IChangeStore store)
    {
        var refused = Push.TakeRefused();
        if (refused.Count == 0)
        {
            return;
        }

        try
        {
            // Not cancelled: these are answers that were received.
            var lease = await DatasetLease.AcquireAsync(parts.Checkpoints, dataset, parts.Seams, TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
            try
            {
                await store.SettleAsync(new SettlementBatch(dataset, refused, parts.Seams.Time.GetUtcNow(), lease.HeldIn(store)), CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                await lease.ReleaseAsync().ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // What ended the push is what the caller is told.
        catch (Exception)
#pragma warning restore CA1031
        {
            return;
        }
    }

    /// <summary>Pulls in the grade that the server allows.</summary>
    /// <returns><see cref="SyncOutcome.Completed"/> when the run continues; else how it ends.</returns>
    public Task<SyncOutcome> PullAsync(CancellationToken cancellationToken) =>
        RunAsync(SyncMetrics.Pull, held => PullAsync(held, cancellationToken), cancellationToken);

    /// <summary>Returns how the dataset stands at the end of the run: what its phases did, and what its outbox holds now.</summary>
    public async Task<DatasetResult> CompleteAsync(CancellationToken cancellationToken)
    {
        var counts = parts.Local is IChangeStore store
            ? await store.CountChangesAsync(dataset, cancellationToken).ConfigureAwait(false)
            : default;
        var parked = await parts.Local.CountParkedAsync(dataset, cancellationToken).ConfigureAwait(false);
        var result = (_result ?? Untouched(SyncOutcome.Completed)) with
        {
            Pushed = Push.Counts.Pushed,
            Conflicts = Push.Counts.Conflicts,
            Rejected = Push.Counts.Rejected,
            Pending = counts.Waiting,
            Quarantined = counts.Quarantined,
            Parked = parked,
            Requests = Tally.Requests,
            Retries = Tally.Retries,
            Duration = _elapsed,
        };
        return counts.Quarantined + parked > 0 && result.Outcome == SyncOutcome.Completed
            ? result with { Outcome = SyncOutcome.CompletedWithQuarantine }
            : result;
    }

    private async Task<SyncOutcome> RunAsync(string direction, Func<Held, Task<DatasetResult>> phase, CancellationToken cancellationToken)
    {
        if (KitFailure is not null)
        {
            return SyncOutcome.Completed;
        }

        var record = recorder.StartPhase(dataset.Name, direction, Tally);
        try
        {
            var result = await DisposedPart.GuardAsync(() => RunUnderLeaseAsync(phase, cancellationToken)).ConfigureAwait(false);
            record.Outcome = result.Outcome.ToString();
            _result = _result is null || direction == SyncMetrics.Pull ? result : Combine(_result, result);

            // Edits that were found and held concern this dataset alone.
            return result.Outcome == SyncOutcome.UnrecordedEditsHeld ? SyncOutcome.Completed : result.Outcome;
        }
        catch (Exception exception)
        {
            recorder.RecordFailure(record, exception);
            if (exception is not SyncSchemaException { Kind: SyncErrorKind.SqlKit } failure
                || !string.Equals(failure.Dataset, dataset.Name, StringComparison.Ordinal))
            {
                throw;
            }

            KitFailure = failure;
            return SyncOutcome.Completed;
        }
        finally
        {
            _elapsed += recorder.EndPhase(record);
        }
    }

    /// <summary>Opens the session, takes the lease, and runs the phase under both.</summary>
    /// <exception cref="SyncStoreException">Somebody else holds the lease.</exception>
    /// <exception cref="SyncAuthException">There is no session.</exception>
    private async Task<DatasetResult> RunUnderLeaseAsync(Func<Held, Task<DatasetResult>> phase, CancellationToken cancellationToken)
    {
        _pull = null;
        var session = await OpenSessionAsync(cancellationToken).ConfigureAwait(false);
        var seal = await parts.GetSealAsync(cancellationToken).ConfigureAwait(false);
        var lease = await AcquireLeaseAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // The user may change between two phases: a first sync of the second dataset must not bring another user's rows.
            return run.IsOfSameUser(session.Subject)
                ? await phase(new Held(session, seal, lease)).ConfigureAwait(false)
                : Ended(SyncOutcome.UserChanged);
        }
        catch (SyncAuthException exception) when (exception.IsOfAnotherUser)
        {
            return Ended(SyncOutcome.UserChanged);
        }
        finally
        {
            await lease.ReleaseAsync().ConfigureAwait(false);
        }
    }

    private async Task<PostgrestSession> OpenSessionAsync(CancellationToken cancellationToken)
    {
        using var wait = run.Watch?.Enter(SyncWait.Token, dataset.Name);
        return await parts.Client.OpenSessionAsync(Tally, cancellationToken).ConfigureAwait(false);
    }

    private async Task<DatasetLease> AcquireLeaseAsync(CancellationToken cancellationToken)
    {
        // Without a wait for another holder it is the store that answers.
        using var wait = run.Request.LeaseWait > TimeSpan.Zero ? run.Watch?.Enter(SyncWait.Lease, dataset.Name) : null;
        return await DatasetLease.AcquireAsync(parts.Checkpoints, dataset, parts.Seams, run.Request.LeaseWait, cancellationToken).ConfigureAwait(false);
    }

    private async Task<DatasetResult> PushAsync(Held held, IChangeStore store, ChangePart? part, CancellationToken cancellationToken)
    {
        var saved = await NewKeeper(held, dataset).ReadAsync(cancellationToken).ConfigureAwait(false);
        if (saved is not null)
        {
            var stamp = StampOf(held);
            if (!ResyncCheck.IsSameUser(saved.Scope, stamp))
            {
                return Ended(SyncOutcome.UserChanged);
            }

            var reason = ResyncCheck.BeforePush(saved.Scope, stamp, run.Request.FullResync);
            if (reason != ResyncReason.None)
            {
                return Ended(SyncOutcome.ResyncRequired) with { ResyncReason = reason };
            }
        }

        var found = await kit.GetAsync(held.Session, dataset, cancellationToken).ConfigureAwait(false);

        // Until the resync that follows a change of grade, the local rows have the versions of the grade they were read in.
        var isExact = found is not null && saved?.Grade == CompletenessGrade.Exact;
        var synced = isExact ? found!.Rows : dataset;
        await store.PrepareAsync(synced, cancellationToken).ConfigureAwait(false);
        var push = new DatasetPush(new PushContext
        {
            Run = run,
            Dataset = synced,
            Store = store,
            Transport = held.Session,
            Tally = Tally,
            Lease = held.Lease,
            UsesKit = found is not null,
            KnowsStamps = isExact && saved!.Phase == SyncPhase.Delta,
            State = Push,
        });
        return Ended(part is { } some
            ? await push.RunAsync(some, cancellationToken).ConfigureAwait(false)
            : await push.EndAsync().ConfigureAwait(false));
    }

    private async Task<DatasetResult> PullAsync(Held held, CancellationToken cancellationToken)
    {
        if (run.Request.FullResync && await HoldsChangesOfAnotherUserAsync(held, cancellationToken).ConfigureAwait(false))
        {
            return Ended(SyncOutcome.UserChanged);
        }

        var found = await kit.GetAsync(held.Session, dataset, cancellationToken).ConfigureAwait(false);
        _pull = new DatasetPull(new PullContext
        {
            Run = run,
            Scope = new PullScope(dataset, StampOf(held), found),
            Pages = held.Session,
            Calls = held.Session,
            Kit = kit,
            Tally = Tally,
            Local = parts.Local,
            Keeper = NewKeeper(held, dataset),
            Lease = held.Lease,
        });
        var result = await _pull.RunAsync(cancellationToken).ConfigureAwait(false);
        LookedForEdits |= _pull.LookedForEdits;
        return result;
    }

    // A resync makes the rows this user's, and with them the changes that wait or are in quarantine: the next push would send them.
    // The changes of other datasets count too, or the store would belong to one user in part and to another in part.
    private async Task<bool> HoldsChangesOfAnotherUserAsync(Held held, CancellationToken cancellationToken)
    {
        if (parts.Local is not IChangeStore store || !await IsOfAnotherUserAsync(held, dataset, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        foreach (var other in parts.Options.Datasets)
        {
            if (await store.CountChangesAsync(other, cancellationToken).ConfigureAwait(false) is not (0, 0)
                && await IsOfAnotherUserAsync(held, other, cancellationToken).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<bool> IsOfAnotherUserAsync(Held held, Dataset other, CancellationToken cancellationToken)
    {
        var saved = await NewKeeper(held, other).ReadAsync(cancellationToken).ConfigureAwait(false);
        return saved is not null && !ResyncCheck.IsSameUser(saved.Scope, StampOf(held));
    }

    private ScopeStamp StampOf(Held held) => ScopeStamp.For(dataset, parts.Options.Url!, held.Session.Subject, held.Session.Role);

    private CheckpointKeeper NewKeeper(Held held, Dataset of) => new(parts.Checkpoints, held.Seal, of, parts.Seams.Time, held.Lease.Fence);

    /// <summary>Returns the result of a phase that ends with an outcome, with what was pulled until then.</summary>
    private DatasetResult Ended(SyncOutcome outcome) => _pull?.Result(outcome) ?? Untouched(outcome);

    private DatasetResult Untouched(SyncOutcome outcome) => new() { Dataset = dataset.Name, Outcome = outcome, Grade = CompletenessGrade.Overlap };

    /// <summary>What an earlier pull brought stays, because a push says nothing about it; and that the rest was pushed does not decide about the edits that were held.</summary>
    private static DatasetResult Combine(DatasetResult earlier, DatasetResult push) => earlier with
    {
        Outcome = earlier.Outcome == SyncOutcome.UnrecordedEditsHeld && push.Outcome == SyncOutcome.Completed ? earlier.Outcome : push.Outcome,
        ResyncReason = push.ResyncReason,
    };

    /// <summary>What a phase holds for as long as it lasts.</summary>
    private sealed record Held(PostgrestSession Session, ContentSeal Seal, DatasetLease Lease);
}
