using Agent.Sync.Diagnostics;
using Agent.Sync.Kit;
using Agent.Sync.Postgrest;
using Agent.Sync.Progress;
using Agent.Sync.Runs;
using Agent.Sync.Seams;
using Agent.Sync.Stores;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Push.Batches;

/// <summary>What the push of one dataset works with.</summary>
internal sealed record PushContext
{
    /// <summary>Gets the dataset as it is synced: sequenced where the SQL kit is used.</summary>
    public required Dataset Dataset { get; init; }

    public required IChangeStore Store { get; init; }

    public required ICallTransport Transport { get; init; }

    public required RequestTally Tally { get; init; }

    public required DatasetLease Lease { get; init; }

    /// <summary>Gets what the store checks when it writes; null where leases are kept elsewhere.</summary>
    public required HeldLease? HeldLease { get; init; }

    /// <summary>Gets the table as the SQL kit knows it; null without the kit.</summary>
    public required KitTable? Kit { get; init; }

    /// <summary>Gets a value indicating whether every row was read with the kit's stamp, as far as it is on the server still.</summary>
    public bool KnowsStamps { get; init; }

    public required SyncOptions Options { get; init; }

    public required SyncRequest Request { get; init; }

    public required EngineSeams Seams { get; init; }

    public required SyncMetrics Metrics { get; init; }

    public required MemoryWatch Memory { get; init; }

    public required ProgressTracker Progress { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Gets what earlier parts of this run's push did.</summary>
    public required PushSoFar SoFar { get; init; }

    /// <summary>Gets the end of the run's time budget: requests under way are settled, no others are sent.</summary>
    public required CancellationToken TimeOver { get; init; }
}
