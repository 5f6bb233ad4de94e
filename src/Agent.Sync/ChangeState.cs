namespace Agent.Sync;

/// <summary>Where a local change stands.</summary>
public enum ChangeState
{
    /// <summary>It waits in the outbox; further edits of the row are merged into it.</summary>
    Waiting,

    /// <summary>It was handed out to be sent and is frozen until its answer is known; further edits wait behind it.</summary>
    InFlight,

    /// <summary>The server rejected it. It is kept with its reason until it is retried, discarded, or superseded by another edit of the row.</summary>
    Quarantined,
}
