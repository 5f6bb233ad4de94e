namespace Agent.Sync.Stores;

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
