using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Bookkeeping;

/// <summary>Which local tables have an outbox, and whether edits may be missing from it. Runs in the caller's transaction.</summary>
internal static class OutboxRegistry
{
    public const string Table = "agent_sync_tables";

    public static RecordingGap? Read(SqliteDatabase database, string localTable)
    {
        using var statement = database.Prepare($"SELECT unrecorded FROM {Table} WHERE local_table = ?1");
        statement.Bind(1, localTable);
        return statement.Step() ? (RecordingGap)statement.Int64(0) : null;
    }

    public static void Write(SqliteDatabase database, string localTable, RecordingGap unrecorded)
    {
        using var statement = database.Prepare($"INSERT OR REPLACE INTO {Table} (local_table, unrecorded) VALUES (?1, ?2)");
        statement.Bind(1, localTable);
        statement.Bind(2, (long)unrecorded);
        statement.Run();
    }
}

/// <summary>Why edits may be missing from an outbox. The numbers are kept in the file.</summary>
internal enum RecordingGap
{
    /// <summary>No edits are missing.</summary>
    None = 0,

    /// <summary>The triggers were gone: rows are compared with the server's.</summary>
    TriggersGone = 1,

    /// <summary>The table itself was gone, or was left empty without triggers: that rows are missing does not mean that the app deleted them.</summary>
    RowsGone = 2,
}
