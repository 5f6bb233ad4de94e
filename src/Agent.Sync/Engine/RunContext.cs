using Agent.Sync.Diagnostics;
using Agent.Sync.Kit;
using Agent.Sync.Progress;

namespace Agent.Sync.Engine;

/// <summary>What the datasets of one run have in common.</summary>
internal sealed record RunContext
{
    public required SyncRequest Request { get; init; }

    public required KitRun Kit { get; init; }

    public required MemoryWatch Memory { get; init; }

    public required ProgressTracker Progress { get; init; }

    /// <summary>Gets the end of the run's time budget.</summary>
    public required CancellationToken TimeOver { get; init; }
}
