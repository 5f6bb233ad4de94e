namespace Agent.Sync.Sqlite.Rows;

internal enum RowOutcome
{
    Unchanged,
    Applied,
    Deleted,

    /// <summary>The table refused it; it is kept aside.</summary>
    Parked,
}
