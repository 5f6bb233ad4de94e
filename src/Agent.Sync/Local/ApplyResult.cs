namespace Agent.Sync.Local;

/// <summary>What the rows of a batch did. The three add up to the rows of its pages.</summary>
/// <param name="Applied">Rows inserted or updated.</param>
/// <param name="Unchanged">Rows that were there already in this or a newer version, and deletions of rows that are not there.</param>
/// <param name="Deleted">Local rows removed.</param>
public readonly record struct ApplyResult(long Applied, long Unchanged, long Deleted);
