using Agent.Sync.Checkpoints;
using Agent.Sync.Kit;
using Agent.Sync.Postgrest;
using Agent.Sync.Pull;
using Agent.Sync.Push;
using Agent.Sync.Push.Batches;
using Agent.Sync.Runs;
using Agent.Sync.Stores;

namespace Agent.Sync.Engine;

/// <summary>One dataset of a run: its session, its lease, and what is done under them.</summary>
internal sealed class DatasetRun : IAsyncDisposable
{
    private readonly EngineParts _parts;
    private readonly RunContext _run;
    private readonly DatasetTurn _turn;
    private readonly PostgrestSession _session;
    private readonly ContentSeal _seal;
    private readonly DatasetLease _lease;
    private DatasetPull? _pull;

    private DatasetRun(
        EngineParts parts, RunContext run, DatasetTurn turn, PostgrestSession session, ContentSeal seal, DatasetLease lease)
    {
        _parts = parts;
        _run = run;
        _turn = turn;
        _session = session;
        _seal = seal;
        _lease = lease;
    }

    /// <summary>Gets whose rows the session may see.</summary>
    public string Subject => _session.Subject;

    /// <summary>Opens the session and takes the lease.</summary>
    /// <exception cref="SyncStoreException">Somebody else holds the lease.</exception>
    /// <exception cref="SyncAuthException">There is no session.</exception>
    public static async Task<DatasetRun> OpenAsync(
        EngineParts parts, RunContext run, DatasetTurn turn, CancellationToken cancellationToken)
    {
        var session = await parts.Client.OpenSessionAsync(turn.Tally, cancellationToken).ConfigureAwait(false);
        var seal = await parts.GetSealAsync(cancellationToken).ConfigureAwait(false);
        var lease = await DatasetLease.AcquireAsync(
            parts.Checkpoints, turn.Dataset, parts.Seams, run.Request.LeaseWait, cancellationToken).ConfigureAwait(false);
        return new DatasetRun(parts, run, turn, session, seal, lease);
    }

    /// <summary>Does a piece of the push.</summary>
    /// <returns>The dataset as it stands then.</returns>
    public Task<DatasetResult> PushAsync(IChangeStore store, Func<DatasetPush, Task<SyncOutcome>> piece, CancellationToken cancellationToken) => StoppingAsync(async () =>
    {
        var saved = await NewKeeper(_turn.Dataset).ReadAsync(cancellationToken).ConfigureAwait(false);
        if (ChangeOwner.Refuse(saved?.Scope, Stamp, _run.Request.FullResync) is { } refusal)
        {
            return Ended(refusal.Outcome) with { ResyncReason = refusal.Reason };
        }

        var kit = await _run.Kit.GetAsync(_session, _turn.Dataset, cancellationToken).ConfigureAwait(false);

        // Until the resync that follows a change of grade, the local rows have the versions of the grade they were read in.
        var isExact = kit is not null && saved?.Grade == CompletenessGrade.Exact;
        var dataset = isExact ? kit!.Rows : _turn.Dataset;
        await store.PrepareAsync(dataset, cancellationToken).ConfigureAwait(false);
        var context = NewPush(store, dataset, kit?.Table) with { KnowsStamps = isExact && saved!.Phase == SyncPhase.Delta };
        return Ended(await piece(new DatasetPush(context)).ConfigureAwait(false));
    });

    /// <summary>Pulls in the grade that the server allows.</summary>
    public Task<DatasetResult> PullAsync(CancellationToken cancellationToken) => StoppingAsync(async () =>
    {
        if (_run.Request.FullResync && await HoldsChangesOfAnotherUserAsync(cancellationToken).ConfigureAwait(false))
        {
            return Ended(SyncOutcome.UserChanged);
        }

        var kit = await _run.Kit.GetAsync(_session, _turn.Dataset, cancellationToken).ConfigureAwait(false);
        _pull = new DatasetPull(NewPull(new PullScope(_turn.Dataset, Stamp, kit)));
        var result = await _pull.RunAsync(cancellationToken).ConfigureAwait(false);
        _turn.LookedForEdits |= _pull.LookedForEdits;
        return result;
    });

    /// <summary>Returns the result of a dataset that had no edits to push.</summary>
    public static DatasetResult NothingToDo(Dataset dataset) =>
        new() { Dataset = dataset.Name, Outcome = SyncOutcome.Completed, Grade = CompletenessGrade.Overlap };

    /// <summary>Returns the result of a dataset that ended so, with what was pulled until then.</summary>
    public DatasetResult Ended(SyncOutcome outcome) =>
        _pull?.Result(outcome) ?? NothingToDo(_turn.Dataset) with { Outcome = outcome };

    public async ValueTask DisposeAsync() => await _lease.ReleaseAsync().ConfigureAwait(false);

    private ScopeStamp Stamp => ScopeStamp.For(_turn.Dataset, _parts.Options.Url!, _session.Subject, _session.Role);

    // A resync makes the rows this user's, and with them what waits or lies in quarantine: the next push would send it.
    // What another dataset holds counts too, or the file would be one user's in part and another's in part.
    private async Task<bool> HoldsChangesOfAnotherUserAsync(CancellationToken cancellationToken)
    {
        if (_parts.Local is not IChangeStore store || !await IsOfAnotherUserAsync(_turn.Dataset, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        foreach (var dataset in _parts.Options.Datasets)
        {
            if (await store.CountChangesAsync(dataset, cancellationToken).ConfigureAwait(false) is not (0, 0)
                && await IsOfAnotherUserAsync(dataset, cancellationToken).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<bool> IsOfAnotherUserAsync(Dataset dataset, CancellationToken cancellationToken)
    {
        var saved = await NewKeeper(dataset).ReadAsync(cancellationToken).ConfigureAwait(false);
        return ChangeOwner.Refuse(saved?.Scope, Stamp, fullResync: true) is not null;
    }

    private async Task<DatasetResult> StoppingAsync(Func<Task<DatasetResult>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (SyncAuthException exception) when (exception.Kind == SyncErrorKind.UserChanged)
        {
            return Ended(SyncOutcome.UserChanged);
        }
        catch (SyncStoreException exception) when (exception.Kind == SyncErrorKind.LeaseLost)
        {
            return Ended(SyncOutcome.LeaseLost);
        }
    }

    private CheckpointKeeper NewKeeper(Dataset dataset) => new(_parts.Checkpoints, _seal, dataset, _parts.Seams.Time, _lease.Fence);

    private PushContext NewPush(IChangeStore store, Dataset dataset, KitTable? kit) => new()
    {
        Dataset = dataset,
        Store = store,
        Transport = _session,
        Tally = _turn.Tally,
        Lease = _lease,
        HeldLease = ReferenceEquals(store, _parts.Checkpoints) ? new HeldLease(CheckpointId.For(dataset), _lease.Fence) : null,
        Kit = kit,
        Options = _parts.Options,
        Request = _run.Request,
        Seams = _parts.Seams,
        Metrics = _parts.Metrics,
        Memory = _run.Memory,
        Progress = _run.Progress,
        SoFar = _turn.Push,
        Log = _parts.Log,
        TimeOver = _run.TimeOver,
    };

    private PullContext NewPull(PullScope scope) => new()
    {
        Scope = scope,
        RefreshKit = cancellationToken => _run.Kit.RefreshAsync(_session, _turn.Dataset, cancellationToken),
        Transport = _session,
        Tally = _turn.Tally,
        Local = _parts.Local,
        Keeper = NewKeeper(_turn.Dataset),
        Lease = _lease,
        Options = _parts.Options,
        Request = _run.Request,
        Seams = _parts.Seams,
        Metrics = _parts.Metrics,
        Memory = _run.Memory,
        Progress = _run.Progress,
        Log = _parts.Log,
        TimeOver = _run.TimeOver,
    };
}
