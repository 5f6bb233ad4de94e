namespace Agent.Sync.Stores;

/// <summary>What the rows of a batch did. Without parked rows the first three add up to the rows of its pages.</summary>
/// <param name="Applied">Rows inserted or updated, rows that an earlier batch parked and that are stored now among them.</param>
/// <param name="Unchanged">Rows that were there already in this or a newer version, and deletions of rows that are not there.</param>
/// <param name="Deleted">Local rows removed.</param>
public readonly record struct ApplyResult(long Applied, long Unchanged, long Deleted)
{
    /// <summary>Gets the rows that the local table refused and that are parked: kept as durably as the others, and tried again.</summary>
    public long Parked { get; init; }

    /// <summary>Gets the applied rows that came in the version that was there, with a later cursor: the server writes them without raising their version.</summary>
    public long SameVersion { get; init; }
}
