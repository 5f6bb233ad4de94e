namespace Agent.Sync.Stores;

/// <summary>The outcome of a change that was taken.</summary>
public enum SettlementKind
{
    /// <summary>Applied. The server's row, if given, replaces the local one. If an edit waits behind the change, it becomes that edit's base instead.</summary>
    Acknowledge,

    /// <summary>Conflict, the server wins: its row replaces the local one, or the local row is removed when the server has none. An edit that waits behind keeps its values, with the server's row as base.</summary>
    TakeServer,

    /// <summary>Conflict, the local row wins: the server's row, or none, becomes the base, and the change waits again under a new operation id.</summary>
    KeepLocal,

    /// <summary>Conflict, merged: as <see cref="KeepLocal"/>, and the merged row replaces the local one, or the local row is removed when there is none. An edit that waits behind keeps the columns it changed, and a row it changed is not removed.</summary>
    TakeMerged,

    /// <summary>
    /// Rejected: the change goes into quarantine, unless an edit waits behind it, which supersedes it. A change without a base (an insert) stays an insert. A row of
    /// the server with its key, given with the settlement or pulled later, is kept beside it for a discard, and never becomes its base.
    /// </summary>
    Reject,

    /// <summary>The change certainly did not reach the server. It waits again, and further edits are merged into it.</summary>
    Return,
}
