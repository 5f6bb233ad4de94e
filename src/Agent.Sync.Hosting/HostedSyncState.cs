namespace Agent.Sync.Hosting;

/// <summary>What a hosted sync is doing.</summary>
public enum HostedSyncPhase
{
    /// <summary>The host has not started it yet.</summary>
    NotStarted,

    /// <summary>The last run, if there was one, ended well. The next one is due at <see cref="HostedSyncState.NextRunAt"/>.</summary>
    Waiting,

    /// <summary>A run is under way.</summary>
    Running,

    /// <summary>The last run failed for a reason that passes, such as no network. It is tried again with growing waits.</summary>
    BackingOff,

    /// <summary>Nobody is signed in, or the server refuses the session. The next run starts when somebody signs in; where that cannot be seen, it is tried again after each interval.</summary>
    SignedOut,

    /// <summary>
    /// The last run ended with an outcome that needs a decision: <see cref="SyncOutcome.QuarantineFull"/>, <see cref="SyncOutcome.ResyncRequired"/>, <see cref="SyncOutcome.UserChanged"/> or
    /// <see cref="SyncOutcome.MassDeleteRefused"/>. Nothing runs until the decision shows in the store, somebody else signs in, or <see cref="HostedSync.TriggerAsync"/> is called.
    /// </summary>
    NeedsDecision,

    /// <summary>The last run failed for a reason that somebody has to correct. It is tried again after <see cref="HostedSyncOptions.MaxBackoff"/> or the interval, whichever is longer.</summary>
    Failed,

    /// <summary>The host stopped it.</summary>
    Stopped,
}

/// <summary>The state of a hosted sync at one moment. Immutable data.</summary>
public sealed record HostedSyncState
{
    /// <summary>Gets what it is doing.</summary>
    public HostedSyncPhase Phase { get; init; }

    /// <summary>Gets when the host started it; null before.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Gets the result of the last run that did not fail; null before.</summary>
    public SyncResult? LastResult { get; init; }

    /// <summary>Gets when that run ended; null before.</summary>
    public DateTimeOffset? LastResultAt { get; init; }

    /// <summary>Gets the failure of the last run; null when it did not fail. Its message holds no value of a row, no token and no cursor.</summary>
    public SyncException? LastFailure { get; init; }

    /// <summary>Gets the type's name of an exception of the app's own code that ended the last run, such as a conflict resolver's; null when there was none.</summary>
    public string? LastAppFailure { get; init; }

    /// <summary>Gets how many runs failed since the last one that did not.</summary>
    public int Failures { get; init; }

    /// <summary>Gets when the next run is due; null while one is under way, and when something has to happen first.</summary>
    public DateTimeOffset? NextRunAt { get; init; }
}
