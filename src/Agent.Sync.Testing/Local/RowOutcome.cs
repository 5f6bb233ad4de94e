namespace Agent.Sync.Testing.Local;

/// <summary>What a pulled row did.</summary>
internal enum RowOutcome
{
    Applied,

    /// <summary>Applied, though its version is the one that was there: its cursor is later.</summary>
    Restamped,
    Unchanged,
    Deleted,
}
