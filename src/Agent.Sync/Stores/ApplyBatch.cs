namespace Agent.Sync.Stores;

/// <summary>Pages to apply in one transaction.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Pages">The pages, in order. Empty when only the checkpoint moves.</param>
/// <param name="Checkpoint">The checkpoint that goes with the rows; null when another store keeps it.</param>
/// <param name="Generation">
/// The resync under way. Rows are written whatever their version, because they are the server's present state, and every key is recorded as seen in this
/// generation. A new number forgets what an abandoned generation saw. Null outside a resync.
/// </param>
public sealed record ApplyBatch(Dataset Dataset, IReadOnlyList<Page> Pages, CheckpointWrite? Checkpoint, long? Generation)
{
    /// <summary>Gets a value indicating whether the pages hold tombstones instead of rows. The default is false.</summary>
    /// <value>
    /// True for the key's columns and the sequence column of deleted rows: a local row is removed unless its own value in the sequence column is equal or higher. A row with
    /// a local change stays, and the store records for the change that the server's row is gone.
    /// </value>
    public bool AreTombstones { get; init; }

    /// <summary>Gets how rows are compared in a resync that looks for unrecorded edits; null, the default, otherwise. Only set for an <see cref="IChangeStore"/>.</summary>
    public Reconciliation? Reconciliation { get; init; }

    /// <summary>Gets a value indicating whether rows are written whatever their version, as in a resync, because they were just read to repair the local ones. The default is false.</summary>
    public bool IsRepair { get; init; }
}

/// <summary>The counts of a batch. Without parked rows the first three add up to the rows of its pages.</summary>
/// <param name="Applied">Rows inserted or updated, including rows that an earlier batch parked and that are stored now.</param>
/// <param name="Unchanged">Rows that the table already had in this or a newer version, and deletions of rows that it did not have.</param>
/// <param name="Deleted">Local rows removed.</param>
public readonly record struct ApplyResult(long Applied, long Unchanged, long Deleted)
{
    /// <summary>Gets the rows that the local table refused and that are parked: kept as durably as the others, and tried again.</summary>
    public long Parked { get; init; }

    /// <summary>Gets the applied rows that have the version of the local row and a later update timestamp: the server writes them without raising the version.</summary>
    public long SameVersion { get; init; }
}
