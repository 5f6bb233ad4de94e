using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Agent.Sync.Checkpoints;
using Agent.Sync.Diagnostics;
using Agent.Sync.Kit;
using Agent.Sync.Postgrest;
using Agent.Sync.Pull;
using Agent.Sync.Resilience;
using Agent.Sync.Seams;
using Agent.Sync.Stores;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Engine;

/// <summary>The facade: finds datasets, opens sessions and runs, and answers what needs no server.</summary>
internal sealed class SyncEngine : ISyncEngine, IDisposable
{
    private const string LogCategory = "Agent.Sync";

    private readonly EngineParts _parts;
    private readonly ChangeQueue _changes;

    /// <param name="options">Checked already; read while the engine lives.</param>
    /// <param name="local">Where the rows go.</param>
    /// <param name="checkpoints">Where the position goes; the same object as <paramref name="local"/> when it keeps both.</param>
    /// <param name="http">Sends the requests; owned by who made it.</param>
    /// <param name="limiter">The users' rate limits, shared by the engines of a process.</param>
    /// <param name="loggers">Makes the one log.</param>
    /// <param name="meters">Makes the meter; null for one of the engine's own.</param>
    /// <param name="seams">Time, chance, work and who we are.</param>
    public SyncEngine(
        SyncOptions options,
        ILocalStore local,
        ICheckpointStore checkpoints,
        HttpMessageInvoker http,
        UserRateLimiter limiter,
        ILoggerFactory loggers,
        IMeterFactory? meters,
        EngineSeams seams)
    {
        var log = loggers.CreateLogger(LogCategory);
        _parts = new EngineParts
        {
            Options = options,
            Client = new PostgrestClient(options, http, limiter, seams, log),
            Kit = new KitClient(options.SqlKit, seams.Time),
            Local = local,
            Checkpoints = checkpoints,
            Metrics = new SyncMetrics(meters),
            Seams = seams,
            Log = log,
        };
        _changes = new ChangeQueue(_parts);
    }

    public async Task<SyncResult> SyncAsync(
        SyncRequest request, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        RequestRules.Check(request);
        var datasets = Select(request.Datasets);
        cancellationToken.ThrowIfCancellationRequested();
        return await new SyncRun(_parts, request, datasets, progress).RunAsync(cancellationToken).ConfigureAwait(false);
    }

    public IAsyncEnumerable<Page> ReadPagesAsync(string dataset, Cursor? after = null, CancellationToken cancellationToken = default) =>
        ReadPagesAsync(Find(dataset), after, cancellationToken);

    public async Task<SyncStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        var statuses = new List<DatasetStatus>(_parts.Options.Datasets.Count);
        foreach (var dataset in _parts.Options.Datasets)
        {
            statuses.Add(await StatusReader.ReadAsync(_parts, dataset, cancellationToken).ConfigureAwait(false));
        }

        return new SyncStatus(statuses);
    }

    public async Task ResetAsync(string dataset, CancellationToken cancellationToken = default)
    {
        var found = Find(dataset);
        await DatasetReset.RunAsync(_parts, found, cancellationToken).ConfigureAwait(false);
        EngineLog.WasReset(_parts.Log, found.Name);
    }

    public IAsyncEnumerable<LocalChange> ReadChangesAsync(
        string dataset, ChangeState? state = null, CancellationToken cancellationToken = default)
    {
        RequestRules.Check(state);
        return _changes.ReadAsync(Find(dataset), state, cancellationToken);
    }

    public Task<int> RetryChangesAsync(
        string dataset, IReadOnlyCollection<long>? changes = null, CancellationToken cancellationToken = default) =>
        _changes.RetryAsync(Find(dataset), changes, cancellationToken);

    public Task<int> DiscardChangesAsync(
        string dataset, IReadOnlyCollection<long>? changes = null, CancellationToken cancellationToken = default) =>
        _changes.DiscardAsync(Find(dataset), changes, cancellationToken);

    public IAsyncEnumerable<ParkedRow> ReadParkedRowsAsync(string dataset, CancellationToken cancellationToken = default) =>
        _changes.ReadParkedAsync(Find(dataset), cancellationToken);

    public void Dispose() => _parts.Metrics.Dispose();

    private async IAsyncEnumerable<Page> ReadPagesAsync(
        Dataset dataset, Cursor? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var session = await _parts.Client.OpenSessionAsync(new RequestTally(), cancellationToken).ConfigureAwait(false);
        var scope = ScopeStamp.For(dataset, _parts.Options.Url!, session.Subject, session.Role);
        var tokens = new CursorTokens(await _parts.GetSealAsync(cancellationToken).ConfigureAwait(false), dataset, scope);
        var start = after is null ? null : tokens.Open(after);
        var pager = new CursorPager(session, dataset, _parts.Seams, _parts.Metrics, _parts.Log);
        var pages = pager.ReadAsync(PageOrder.Cursor, start, _parts.Options.PageSize, TotalCount.None, cancellationToken);
        await foreach (var page in pages.ConfigureAwait(false))
        {
            if (page.Last is null)
            {
                page.Page.Dispose();
                yield break;
            }

            page.Page.Next = tokens.Issue(page.Last);
            yield return page.Page;
        }
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
}
