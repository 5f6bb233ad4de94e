namespace Agent.Sync.Sqlite.Rows;

internal enum RowOutcome
{
    Unchanged,
    Applied,

    /// <summary>Applied, though its version is the one that was there: its cursor is later.</summary>
    Restamped,
    Deleted,

    /// <summary>The table refused it; it is kept aside.</summary>
    Parked,
}
