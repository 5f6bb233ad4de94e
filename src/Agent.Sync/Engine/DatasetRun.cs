using Agent.Sync.Checkpoints;
using Agent.Sync.Commits;
using Agent.Sync.Postgrest;
using Agent.Sync.Pull;

namespace Agent.Sync.Engine;

/// <summary>One dataset of a run: its session, its lease, and what is done under them.</summary>
internal sealed class DatasetRun : IAsyncDisposable
{
    private readonly EngineParts _parts;
    private readonly RunContext _run;
    private readonly Dataset _dataset;
    private readonly RequestTally _tally;
    private readonly PostgrestSession _session;
    private readonly ContentSeal _seal;
    private readonly DatasetLease _lease;
    private readonly long _started;
    private DatasetPull? _pull;

    private DatasetRun(
        EngineParts parts, RunContext run, Dataset dataset, RequestTally tally, PostgrestSession session, ContentSeal seal, DatasetLease lease)
    {
        _parts = parts;
        _run = run;
        _dataset = dataset;
        _tally = tally;
        _session = session;
        _seal = seal;
        _lease = lease;
        _started = parts.Seams.Time.GetTimestamp();
    }

    /// <summary>Gets whose rows the session may see.</summary>
    public string Subject => _session.Subject;

    /// <summary>Opens the session and takes the lease.</summary>
    /// <exception cref="SyncStoreException">Somebody else holds the lease.</exception>
    /// <exception cref="SyncAuthException">There is no session.</exception>
    public static async Task<DatasetRun> OpenAsync(
        EngineParts parts, RunContext run, Dataset dataset, RequestTally tally, CancellationToken cancellationToken)
    {
        var session = await parts.Client.OpenSessionAsync(tally, cancellationToken).ConfigureAwait(false);
        var seal = await parts.GetSealAsync(cancellationToken).ConfigureAwait(false);
        var lease = await DatasetLease.AcquireAsync(
            parts.Checkpoints, dataset, parts.Seams, run.Request.LeaseWait, cancellationToken).ConfigureAwait(false);
        return new DatasetRun(parts, run, dataset, tally, session, seal, lease);
    }

    /// <summary>Pulls in the grade that the server allows.</summary>
    public async Task<DatasetResult> PullAsync(CancellationToken cancellationToken)
    {
        try
        {
            var kit = await _run.Kit.GetAsync(_session, _dataset, cancellationToken).ConfigureAwait(false);
            var stamp = ScopeStamp.For(_dataset, _parts.Options.Url!, _session.Subject, _session.Role);
            _pull = new DatasetPull(NewContext(new PullScope(_dataset, stamp, kit)));
            return await _pull.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SyncAuthException exception) when (exception.Kind == SyncErrorKind.UserChanged)
        {
            return Stopped(SyncOutcome.UserChanged);
        }
        catch (SyncStoreException exception) when (exception.Kind == SyncErrorKind.LeaseLost)
        {
            return Stopped(SyncOutcome.LeaseLost);
        }
    }

    /// <summary>Returns the result of a dataset that was stopped, with what was done until then.</summary>
    public DatasetResult Stopped(SyncOutcome outcome) => _pull?.Result(outcome) ?? new DatasetResult
    {
        Dataset = _dataset.Name,
        Outcome = outcome,
        Grade = CompletenessGrade.Overlap,
        Requests = _tally.Requests,
        Retries = _tally.Retries,
        Duration = _parts.Seams.Time.GetElapsedTime(_started),
    };

    public async ValueTask DisposeAsync() => await _lease.ReleaseAsync().ConfigureAwait(false);

    private PullContext NewContext(PullScope scope) => new()
    {
        Scope = scope,
        RefreshKit = cancellationToken => _run.Kit.RefreshAsync(_session, _dataset, cancellationToken),
        Transport = _session,
        Tally = _tally,
        Local = _parts.Local,
        Keeper = new CheckpointKeeper(_parts.Checkpoints, _seal, _dataset, _parts.Seams.Time, _lease.Fence),
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
