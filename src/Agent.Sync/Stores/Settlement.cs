namespace Agent.Sync.Stores;

/// <summary>The outcome of one change.</summary>
/// <param name="Change">The change's number.</param>
/// <param name="Operation">The operation id under which it was taken.</param>
/// <param name="Kind">The outcome.</param>
/// <param name="Server">The page that holds the server's row, with the dataset's columns; null when the server has none, or did not send it.</param>
/// <param name="ServerRow">The row's position in <paramref name="Server"/>.</param>
public readonly record struct Settlement(long Change, Guid Operation, SettlementKind Kind, Page? Server = null, int ServerRow = 0)
{
    /// <summary>Gets the merged row's page, with one row, for <see cref="SettlementKind.TakeMerged"/>; null removes the local row.</summary>
    public Page? Merged { get; init; }

    /// <summary>Gets the SQLSTATE or PostgREST code, for <see cref="SettlementKind.Reject"/>.</summary>
    public string? Code { get; init; }

    /// <summary>Gets the violated constraint's name, if the server names it.</summary>
    public string? Constraint { get; init; }
}

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

/// <summary>Outcomes to write down in one transaction.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Settlements">The outcomes of the changes.</param>
/// <param name="Now">The time, for the quarantine's entries.</param>
/// <param name="Lease">The fence of the dataset's lease, checked in the same transaction if the store keeps leases: if there is a newer one, refuse with <see cref="SyncErrorKind.LeaseLost"/>. Null if the store keeps none.</param>
public sealed record SettlementBatch(Dataset Dataset, IReadOnlyList<Settlement> Settlements, DateTimeOffset Now, Fence? Lease);
