namespace Agent.Sync.Sqlite.Rows;

internal enum RowOutcome
{
    Unchanged,
    Applied,
    Deleted,
}
