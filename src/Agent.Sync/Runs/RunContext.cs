using Agent.Sync.Diagnostics;
using Agent.Sync.Progress;
using Agent.Sync.Seams;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Runs;

/// <summary>What every part of one run works with: the same for both directions and for all datasets.</summary>
internal sealed record RunContext
{
    private string? _subject;

    public required SyncOptions Options { get; init; }

    public required SyncRequest Request { get; init; }

    public required EngineSeams Seams { get; init; }

    public required SyncMetrics Metrics { get; init; }

    public required MemoryWatch Memory { get; init; }

    public required ProgressTracker Progress { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Gets where the run says what it waits for; null where nobody asks.</summary>
    public RunWatch? Watch { get; init; }

    /// <summary>Gets the end of the run's time budget: what is under way by then is committed or settled, and nothing more is sent.</summary>
    public required CancellationToken TimeOver { get; init; }

    /// <summary>Tells whether a session is of the same user as the run's first one: a run never mixes the rows of two users.</summary>
    public bool IsOfSameUser(string subject) => string.Equals(_subject ??= subject, subject, StringComparison.Ordinal);
}
