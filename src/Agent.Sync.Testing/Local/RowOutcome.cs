namespace Agent.Sync.Testing.Local;

/// <summary>What a pulled row did.</summary>
internal enum RowOutcome
{
    Applied,
    Unchanged,
    Deleted,
}
