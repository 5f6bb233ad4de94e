namespace Agent.Sync.Cli.Events;

/// <summary>Where a watch stands.</summary>
internal enum WatchState
{
    /// <summary>The last run ended well.</summary>
    UpToDate,

    /// <summary>The last run failed for a reason that passes: it is tried again with growing waits.</summary>
    Failing,

    /// <summary>The session is refused: it signs in again after the interval.</summary>
    SignedOut,

    /// <summary>The outcome needs a decision: nothing runs before it shows in the file.</summary>
    NeedsDecision,

    /// <summary>The last run failed for a reason that somebody has to correct: it is tried again seldom.</summary>
    Failed,
}

/// <summary>A run of a watch ended in another state than the one before, or moved rows.</summary>
internal sealed record WatchEvent(
    DateTimeOffset At,
    WatchState State,
    long Applied = 0,
    long Deleted = 0,
    long Pushed = 0,
    long Rejected = 0,
    long Quarantined = 0,
    SyncOutcome? Outcome = null,
    string? Kind = null,
    string? Code = null,
    string? Message = null) : ConsoleEvent("watch");
