using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Agent.Sync.Diagnostics;
using Agent.Sync.Doctor;
using Agent.Sync.Engine;
using Agent.Sync.Kit;
using Agent.Sync.Postgrest;
using Agent.Sync.Progress;
using Agent.Sync.Resilience;
using Agent.Sync.Seams;
using Agent.Sync.Stores;
using Microsoft.Extensions.Logging;

namespace Agent.Sync;

/// <summary>The engine that <see cref="SyncEngineBuilder"/> builds, and that the container provides as <see cref="ISyncEngine"/>.</summary>
/// <remarks>
/// <para>
/// Safe for concurrent use. A second <see cref="ISyncEngine.SyncAsync(SyncRequest, IProgress{SyncProgress}?, CancellationToken)"/> for a dataset that is being synced waits for its turn: it never fails because of a run of the same
/// engine. A run that is started from within a run, such as from its progress callback, is refused, because it would wait for itself.
/// </para>
/// <para>
/// Disposing an engine cancels the calls under way, which throw <see cref="OperationCanceledException"/>, waits until they have released their leases, and closes what
/// the engine owns: its connections, and the stores that it created. What the app passed in (a store, a handler, factories) is not disposed.
/// </para>
/// </remarks>
public sealed class SyncEngine : ISyncEngine, IAsyncDisposable, IDisposable
{
    private const string LogCategory = "Agent.Sync";

    private readonly EngineParts _parts;
    private readonly ChangeQueue _changes;
    private readonly CallGate _calls = new();
    private readonly RunQueue _runs = new();
    private readonly ConcurrentDictionary<RunWatch, bool> _watches = new();
    private readonly IReadOnlyList<object> _owned;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isClosing;

    /// <param name="options">Checked already; read while the engine lives.</param>
    /// <param name="local">Where the rows go.</param>
    /// <param name="checkpoints">Where the position goes; the same object as <paramref name="local"/> when it keeps both.</param>
    /// <param name="http">Sends the requests; null for an engine that only works on its stores.</param>
    /// <param name="limiter">The users' rate limits, shared by the engines of a process.</param>
    /// <param name="loggers">Makes the one log.</param>
    /// <param name="meters">Makes the meter; null for one of the engine's own.</param>
    /// <param name="seams">Time, chance, work and who we are.</param>
    /// <param name="owned">What is disposed with the engine, in this order; null for nothing.</param>
    /// <param name="missing">What an engine without a connection lacks; null for nothing.</param>
    internal SyncEngine(
        SyncOptions options,
        ILocalStore local,
        ICheckpointStore checkpoints,
        HttpMessageInvoker? http,
        UserRateLimiter limiter,
        ILoggerFactory loggers,
        IMeterFactory? meters,
        EngineSeams seams,
        IReadOnlyList<object>? owned = null,
        IReadOnlyList<string>? missing = null)
    {
        var log = loggers.CreateLogger(LogCategory);
        _parts = new EngineParts
        {
            Options = options,
            Remote = http is null ? null : new PostgrestClient(options, http, limiter, seams, log),
            Missing = missing ?? [],
            Kit = new KitClient(options.SqlKit, seams.Time),
            Local = local,
            Checkpoints = checkpoints,
            Metrics = new SyncMetrics(meters),
            Seams = seams,
            Log = log,
        };
        _changes = new ChangeQueue(_parts);
        _owned = owned ?? [];
    }

    /// <inheritdoc/>
    public Task<SyncResult> SyncAsync(SyncRequest request, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var isInside = _calls.IsInside;
        return _calls.RunAsync(token => RunAsync(request, progress, isInside, token), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<SyncResult> SyncAsync(IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default) =>
        SyncAsync(new SyncRequest(), progress, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<Page> ReadPagesAsync(string dataset, Cursor? after = null, CancellationToken cancellationToken = default) =>
        _calls.Enumerate(() => PageReader.ReadAsync(_parts, Find(dataset), after, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<SyncStatus> GetStatusAsync(CancellationToken cancellationToken = default) =>
        _calls.RunAsync(
            async token => await StatusReader.ReadAsync(_parts, token).ConfigureAwait(false) with { Runs = [.. _watches.Keys.Select(static watch => watch.Status)] },
            cancellationToken);

    /// <inheritdoc/>
    public Task ResetAsync(string dataset, CancellationToken cancellationToken = default) =>
        _calls.RunAsync(token => DatasetReset.RunAsync(_parts, Find(dataset), token), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<LocalChange> ReadChangesAsync(string dataset, ChangeState? state = null, CancellationToken cancellationToken = default) => _calls.Enumerate(
        () =>
        {
            RequestRules.Check(state);
            return _changes.ReadAsync(Find(dataset), state, cancellationToken);
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<ChangeRows> ReadChangeRowsAsync(string dataset, long change, CancellationToken cancellationToken = default) =>
        _calls.RunAsync(token => _changes.ReadRowsAsync(Find(dataset), change, token), cancellationToken);

    /// <inheritdoc/>
    public Task<int> RetryChangesAsync(string dataset, IReadOnlyCollection<long>? changes = null, CancellationToken cancellationToken = default) =>
        _calls.RunAsync(token => _changes.RetryAsync(Find(dataset), changes, token), cancellationToken);

    /// <inheritdoc/>
    public Task<int> DiscardChangesAsync(string dataset, IReadOnlyCollection<long>? changes = null, CancellationToken cancellationToken = default) =>
        _calls.RunAsync(token => _changes.DiscardAsync(Find(dataset), changes, token), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ParkedRow> ReadParkedRowsAsync(string dataset, CancellationToken cancellationToken = default) =>
        _calls.Enumerate(() => _changes.ReadParkedAsync(Find(dataset), cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<Diagnosis> DiagnoseAsync(IReadOnlyCollection<string>? datasets = null, CancellationToken cancellationToken = default)
    {
        RequestRules.CheckNames(datasets, nameof(datasets));
        return _calls.RunAsync(token => Checkup.RunAsync(_parts.ForCheckup(Select(datasets)), token), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<RowExplanation> ExplainAsync(string dataset, string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _calls.RunAsync(token => Explain(Find(dataset), token), cancellationToken);

        Task<RowExplanation> Explain(Dataset found, CancellationToken token) => RowExplainer.RunAsync(_parts.ForCheckup([found]), found, key, token);
    }

    /// <inheritdoc/>
    public Task<VerifyResult> VerifyAsync(string dataset, VerifyOptions? options = null, IProgress<VerifyProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var isInside = _calls.IsInside;
        return _calls.RunAsync(token => VerifyInTurnAsync(dataset, options ?? new VerifyOptions(), progress, isInside, token), cancellationToken);
    }

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

    private async Task<SyncResult> RunAsync(SyncRequest request, IProgress<SyncProgress>? progress, bool isInside, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        RequestRules.Check(request);
        var datasets = Select(request.Datasets);
        cancellationToken.ThrowIfCancellationRequested();
        _ = _parts.Client;
        var watch = new RunWatch(_parts.Seams.Time);
        _watches.TryAdd(watch, true);
        RunQueue.Turn turn;
        using (watch.Enter(SyncWait.EarlierRun, dataset: null))
        {
            try
            {
                turn = await _runs.EnterAsync(datasets, isInside, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                _watches.TryRemove(watch, out _);
                throw;
            }
        }

        return await StallGuard.RunAsync(_parts, watch, RunInTurnAsync, turn.GiveUp, cancellationToken).ConfigureAwait(false);

        // A run that was given up keeps its turn until it has really ended.
        async Task<SyncResult> RunInTurnAsync(CancellationToken token)
        {
            using (turn)
            {
                try
                {
                    return await SyncRun.RunAsync(_parts, request, datasets, progress, watch, token).ConfigureAwait(false);
                }
                finally
                {
                    _watches.TryRemove(watch, out _);
                }
            }
        }
    }

    private async Task<VerifyResult> VerifyInTurnAsync(string name, VerifyOptions options, IProgress<VerifyProgress>? progress, bool isInside, CancellationToken cancellationToken)
    {
        RequestRules.Check(options);
        var dataset = Find(name);
        using var turn = await _runs.EnterAsync([dataset], isInside, cancellationToken).ConfigureAwait(false);
        return await new VerifyCall(_parts, dataset, options, progress).RunAsync(cancellationToken).ConfigureAwait(false);
    }

    private Dataset Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _parts.Options.Datasets.FirstOrDefault(dataset => string.Equals(dataset.Name, name, StringComparison.Ordinal))
            ?? throw new ArgumentException(
                $"There is no dataset '{name}'. Configured are: {string.Join(", ", _parts.Options.Datasets.Select(static dataset => dataset.Name))}.",
                nameof(name));
    }

    /// <summary>The configured order counts, not the request's: parents come first.</summary>
    private List<Dataset> Select(IReadOnlyCollection<string>? names)
    {
        if (names is null)
        {
            return [.. _parts.Options.Datasets];
        }

        var wanted = names.Select(Find).ToHashSet();
        return [.. _parts.Options.Datasets.Where(wanted.Contains)];
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
            _parts.Metrics.Dispose();
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
}
