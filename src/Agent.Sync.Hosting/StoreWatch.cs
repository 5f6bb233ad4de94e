namespace Agent.Sync.Hosting;

/// <summary>Sees in the local store, without a request, whether a run is worth its while: that edits wait, or that a decision was made.</summary>
internal sealed class StoreWatch(ISyncEngine engine, SyncRequest request)
{
    private SyncStatus? _before;
    private long _stuck;
    private Position[] _stopped = [];

    /// <summary>Remembers what waits before a run.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken) => _before = await ReadAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Remembers what a run left. Edits that waited before it and wait still do not wake the next one: it would go on for ever.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        var after = await ReadAsync(cancellationToken).ConfigureAwait(false);
        _stuck = Math.Min(Waiting(_before), Waiting(after));
        _stopped = Positions(after);
    }

    public async Task<bool> SeesEditsAsync(CancellationToken cancellationToken)
    {
        if (request.Direction == SyncDirection.Pull)
        {
            return false;
        }

        var waiting = Waiting(await ReadAsync(cancellationToken).ConfigureAwait(false));
        _stuck = Math.Min(_stuck, waiting);
        return waiting > _stuck;
    }

    /// <summary>Tells whether the store's positions or its quarantine changed since the run that stopped: somebody retried, discarded, reset or synced.</summary>
    public async Task<bool> SeesDecisionAsync(CancellationToken cancellationToken) =>
        await ReadAsync(cancellationToken).ConfigureAwait(false) is { } now && !Positions(now).SequenceEqual(_stopped);

    private async Task<SyncStatus?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await engine.GetStatusAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SyncException)
        {
            // The next run meets the same failure and reports it.
            return null;
        }
    }

    private long Waiting(SyncStatus? status) => status?.Datasets.Where(IsAsked).Sum(static dataset => dataset.Pending) ?? 0;

    private Position[] Positions(SyncStatus? status) =>
        [.. status?.Datasets.Where(IsAsked).Select(static dataset => new Position(dataset.Revision, dataset.Quarantined)) ?? []];

    private bool IsAsked(DatasetStatus dataset) => request.Datasets?.Contains(dataset.Dataset) ?? true;

    private readonly record struct Position(long Revision, long Quarantined);
}
