using Agent.Sync.Checkpoints;
using Agent.Sync.Diagnostics;
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

    public required PostgrestClient Client { get; init; }

    public required KitClient Kit { get; init; }

    public required ILocalStore Local { get; init; }

    public required ICheckpointStore Checkpoints { get; init; }

    public required SyncMetrics Metrics { get; init; }

    public required EngineSeams Seams { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Returns the seal over checkpoints and tokens. The store's own key is read each time: its file may be another one by now.</summary>
    public async ValueTask<ContentSeal> GetSealAsync(CancellationToken cancellationToken) =>
        new(Options.SealingKeys, await Checkpoints.GetOrCreateKeyAsync(cancellationToken).ConfigureAwait(false));
}
