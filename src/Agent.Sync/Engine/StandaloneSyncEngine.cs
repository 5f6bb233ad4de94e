using Agent.Sync.Engine;

namespace Agent.Sync;

/// <summary>An engine together with what it alone uses: its connections, and the stores it was told to create.</summary>
/// <remarks>
/// Safe for concurrent use, like every engine. Disposing it cancels the calls under way, which throw <see cref="OperationCanceledException"/>, waits until
/// they have given back their leases, and closes what the engine owns. What the app handed over (a store, a handler, factories) stays the app's.
/// </remarks>
public sealed class StandaloneSyncEngine : ISyncEngine, IAsyncDisposable, IDisposable
{
    private readonly CallGate _calls = new();
    private readonly SyncEngine _engine;
    private readonly IReadOnlyList<object> _owned;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isClosing;

    internal StandaloneSyncEngine(SyncEngine engine, IReadOnlyList<object> owned)
    {
        _engine = engine;
        _owned = owned;
    }

    /// <inheritdoc/>
    public Task<SyncResult> SyncAsync(SyncRequest request, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default) =>
        _calls.RunAsync(token => _engine.SyncAsync(request, progress, token), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<Page> ReadPagesAsync(string dataset, Cursor? after = null, CancellationToken cancellationToken = default) =>
        _calls.Enumerate(() => _engine.ReadPagesAsync(dataset, after, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<SyncStatus> GetStatusAsync(CancellationToken cancellationToken = default) => _calls.RunAsync(_engine.GetStatusAsync, cancellationToken);

    /// <inheritdoc/>
    public Task ResetAsync(string dataset, CancellationToken cancellationToken = default) =>
        _calls.RunAsync(token => _engine.ResetAsync(dataset, token), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<LocalChange> ReadChangesAsync(string dataset, ChangeState? state = null, CancellationToken cancellationToken = default) =>
        _calls.Enumerate(() => _engine.ReadChangesAsync(dataset, state, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<int> RetryChangesAsync(string dataset, IReadOnlyCollection<long>? changes = null, CancellationToken cancellationToken = default) =>
        _calls.RunAsync(token => _engine.RetryChangesAsync(dataset, changes, token), cancellationToken);

    /// <inheritdoc/>
    public Task<int> DiscardChangesAsync(string dataset, IReadOnlyCollection<long>? changes = null, CancellationToken cancellationToken = default) =>
        _calls.RunAsync(token => _engine.DiscardChangesAsync(dataset, changes, token), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ParkedRow> ReadParkedRowsAsync(string dataset, CancellationToken cancellationToken = default) =>
        _calls.Enumerate(() => _engine.ReadParkedRowsAsync(dataset, cancellationToken), cancellationToken);

    /// <summary>Cancels the calls under way, waits for their end, and closes what the engine owns. Further calls throw <see cref="ObjectDisposedException"/>.</summary>
    /// <remarks>Called from within a run, such as from its progress callback, it does not wait: the run ends when the callback has returned, and the engine closes then.</remarks>
    public void Dispose()
    {
        var closed = CloseAsync(prefersAsync: false);
        if (!_calls.IsInside)
        {
            closed.GetAwaiter().GetResult();
        }
    }

    /// <summary>Cancels the calls under way, waits for their end, and closes what the engine owns. Further calls throw <see cref="ObjectDisposedException"/>.</summary>
    /// <returns>A task that ends when everything is closed.</returns>
    /// <remarks>Called from within a run, such as from its progress callback, it does not wait: the run ends when the callback has returned, and the engine closes then.</remarks>
    public ValueTask DisposeAsync()
    {
        var closed = CloseAsync(prefersAsync: true);
        return _calls.IsInside ? ValueTask.CompletedTask : new ValueTask(closed);
    }

    private static async ValueTask DisposeAsync(object part, bool prefersAsync)
    {
        if (part is IAsyncDisposable asynchronous && (prefersAsync || part is not IDisposable))
        {
            await asynchronous.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            (part as IDisposable)?.Dispose();
        }
    }

    private Task CloseAsync(bool prefersAsync)
    {
        if (Interlocked.Exchange(ref _isClosing, 1) == 0)
        {
            CloseOnce(prefersAsync);
        }

        return _closed.Task;
    }

    private async void CloseOnce(bool prefersAsync)
    {
        try
        {
            await _calls.CloseAsync().ConfigureAwait(false);
            foreach (var part in _owned)
            {
                await DisposeAsync(part, prefersAsync).ConfigureAwait(false);
            }

            _closed.SetResult();
        }
        catch (Exception exception)
        {
            _closed.SetException(exception);
        }
    }
}
