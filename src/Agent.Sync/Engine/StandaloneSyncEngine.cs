namespace Agent.Sync.Engine;

/// <summary>An engine together with what it alone uses: its connections, and the stores it was told to create.</summary>
/// <remarks>
/// Safe for concurrent use, like every engine. Cancel and await the runs before disposing it. What the app handed over
/// (a store, a handler, factories) stays the app's.
/// </remarks>
public sealed class StandaloneSyncEngine : ISyncEngine, IAsyncDisposable, IDisposable
{
    private readonly SyncEngine _engine;
    private readonly IReadOnlyList<object> _owned;
    private int _disposed;

    internal StandaloneSyncEngine(SyncEngine engine, IReadOnlyList<object> owned)
    {
        _engine = engine;
        _owned = owned;
    }

    /// <inheritdoc/>
    public Task<SyncResult> SyncAsync(SyncRequest request, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Use().SyncAsync(request, progress, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<Page> ReadPagesAsync(string dataset, Cursor? after = null, CancellationToken cancellationToken = default) =>
        Use().ReadPagesAsync(dataset, after, cancellationToken);

    /// <inheritdoc/>
    public Task<SyncStatus> GetStatusAsync(CancellationToken cancellationToken = default) => Use().GetStatusAsync(cancellationToken);

    /// <inheritdoc/>
    public Task ResetAsync(string dataset, CancellationToken cancellationToken = default) => Use().ResetAsync(dataset, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<LocalChange> ReadChangesAsync(string dataset, ChangeState? state = null, CancellationToken cancellationToken = default) =>
        Use().ReadChangesAsync(dataset, state, cancellationToken);

    /// <inheritdoc/>
    public Task<int> RetryChangesAsync(string dataset, IReadOnlyCollection<long>? changes = null, CancellationToken cancellationToken = default) =>
        Use().RetryChangesAsync(dataset, changes, cancellationToken);

    /// <inheritdoc/>
    public Task<int> DiscardChangesAsync(string dataset, IReadOnlyCollection<long>? changes = null, CancellationToken cancellationToken = default) =>
        Use().DiscardChangesAsync(dataset, changes, cancellationToken);

    /// <summary>Closes what the engine owns. Further calls throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            foreach (var part in _owned)
            {
                DisposeNow(part);
            }
        }
    }

    /// <summary>Closes what the engine owns. Further calls throw <see cref="ObjectDisposedException"/>.</summary>
    /// <returns>A task that ends when everything is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        foreach (var part in _owned)
        {
            if (part is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync().ConfigureAwait(false);
            }
            else
            {
                DisposeNow(part);
            }
        }
    }

    private static void DisposeNow(object part)
    {
        switch (part)
        {
            case IDisposable disposable:
                disposable.Dispose();
                break;
            case IAsyncDisposable asynchronous:
                asynchronous.DisposeAsync().AsTask().GetAwaiter().GetResult();
                break;
        }
    }

    private SyncEngine Use()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        return _engine;
    }
}
