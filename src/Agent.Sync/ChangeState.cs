namespace Agent.Sync;

/// <summary>The state of a local change.</summary>
public enum ChangeState
{
    /// <summary>The change waits in the outbox. Further edits of the row are merged into it.</summary>
    Waiting,

    /// <summary>The change was sent, or is about to be, and is frozen until its outcome is known. Further edits wait behind it.</summary>
    InFlight,

    /// <summary>The change was rejected. It is kept with its reason until it is retried, discarded, or superseded by another edit of the row.</summary>
    Quarantined,
}
