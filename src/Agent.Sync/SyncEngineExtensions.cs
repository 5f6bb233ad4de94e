namespace Agent.Sync;

/// <summary>Extensions to sync everything.</summary>
public static class SyncEngineExtensions
{
    /// <summary>Syncs every dataset.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="progress">Called after every commit; null for none.</param>
    /// <param name="cancellationToken">Stops the run; everything committed stays.</param>
    /// <returns>What the run did.</returns>
    /// <inheritdoc cref="ISyncEngine.SyncAsync" path="/exception"/>
    public static Task<SyncResult> SyncAsync(
        this ISyncEngine engine, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return engine.SyncAsync(new SyncRequest(), progress, cancellationToken);
    }
}
