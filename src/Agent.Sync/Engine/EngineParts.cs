using Agent.Sync.Checkpoints;
using Agent.Sync.Diagnostics;
using Agent.Sync.Doctor;
using Agent.Sync.Kit;
using Agent.Sync.Postgrest;
using Agent.Sync.Seams;
using Agent.Sync.Stores;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Engine;

/// <summary>What one engine is made of. Lives as long as the engine and is safe for concurrent runs.</summary>
internal sealed record EngineParts
{
    public required SyncOptions Options { get; init; }

    /// <summary>Gets the connection to the project; null for an engine that only works on its stores.</summary>
    public required PostgrestClient? Remote { get; init; }

    /// <summary>Gets what an engine without a connection lacks; empty for one that has a connection.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Gets the connection to the project.</summary>
    /// <exception cref="InvalidOperationException">There is none; the message says what is missing.</exception>
    public PostgrestClient Client => Remote ?? throw new InvalidOperationException(
        $"The engine was made by {nameof(SyncEngineBuilder.BuildOffline)}, for its stores alone: to sync, call {nameof(SyncEngineBuilder.Build)}. {string.Join(' ', Missing)}".TrimEnd());

    public required KitClient Kit { get; init; }

    public required ILocalStore Local { get; init; }

    public required ICheckpointStore Checkpoints { get; init; }

    public required SyncMetrics Metrics { get; init; }

    public required EngineSeams Seams { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Returns the seal over checkpoints and tokens. The store's own key is read each time: its file may be another one by now.</summary>
    public async ValueTask<ContentSeal> GetSealAsync(CancellationToken cancellationToken) =>
        new(Options.SealingKeys, await Checkpoints.GetOrCreateKeyAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>Returns what a look at some datasets needs.</summary>
    public CheckupParts ForCheckup(IReadOnlyList<Dataset> datasets) => new()
    {
        Options = Options,
        Datasets = datasets,
        Remote = Remote?.WithoutRetries(Options, Seams),
        Missing = Missing,
        Local = Local,
        Checkpoints = Checkpoints,
        Seams = Seams,
        GetSealAsync = GetSealAsync,
    };
}
