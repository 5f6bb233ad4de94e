namespace Agent.Sync.Stores;

/// <summary>What became of a change that was taken.</summary>
public enum SettlementKind
{
    /// <summary>It is on the server. The server's row, where given, replaces the local one unless an edit waits behind the change: then it is that edit's base.</summary>
    Acknowledge,

    /// <summary>Conflict, the server wins: its row replaces the local one, or removes it where there is none. An edit that waits behind keeps its values, with the server's row as base.</summary>
    TakeServer,

    /// <summary>Conflict, the local row wins: the server's row, or none, becomes the base, and the change waits again under a new operation id.</summary>
    KeepLocal,

    /// <summary>Conflict, merged: as <see cref="KeepLocal"/>, and the merged row replaces the local one, or removes it where there is none. An edit that waits behind keeps the columns it changed, and a row it changed is not removed.</summary>
    TakeMerged,

    /// <summary>
    /// The server rejected it: into quarantine, unless an edit waits behind it, which supersedes it. A change without a base (an insert) stays one: a row of the
    /// server's that has its key, given here or pulled later, is kept beside it for a discard, and never becomes its base.
    /// </summary>
    Reject,

    /// <summary>It certainly did not reach the server: it waits again, and further edits are merged into it.</summary>
    Return,
}
