using Agent.Sync.Diagnostics;
using Agent.Sync.Kit;
using Agent.Sync.Postgrest;
using Agent.Sync.Progress;
using Agent.Sync.Runs;
using Agent.Sync.Seams;
using Agent.Sync.Stores;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Pull;

/// <summary>What the pull of one dataset works with.</summary>
internal sealed record PullContext
{
    public required PullScope Scope { get; init; }

    /// <summary>Gets the dataset as it is read and kept, which is not how it was declared where the SQL kit is.</summary>
    public Dataset Dataset => Scope.Dataset;

    /// <summary>Gets what asks the SQL kit again; its answer is null where the kit is gone.</summary>
    public required Func<CancellationToken, ValueTask<KitDataset?>> RefreshKit { get; init; }

    public required IPageTransport Transport { get; init; }

    public required RequestTally Tally { get; init; }

    public required ILocalStore Local { get; init; }

    public required CheckpointKeeper Keeper { get; init; }

    public required DatasetLease Lease { get; init; }

    public required SyncOptions Options { get; init; }

    public required SyncRequest Request { get; init; }

    public required EngineSeams Seams { get; init; }

    public required SyncMetrics Metrics { get; init; }

    public required MemoryWatch Memory { get; init; }

    public required ProgressTracker Progress { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Gets the end of the run's time budget: what is gathered by then is committed, and the run stops.</summary>
    public required CancellationToken TimeOver { get; init; }
}
