using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Bookkeeping;

/// <summary>
/// Which local tables have to be read from the server again, and why that reading is not an older one: each reason that is found gives
/// it a new number. Runs in the caller's transaction.
/// </summary>
internal static class RereadTable
{
    /// <summary>Returns the number of the reading that is due; null when none is.</summary>
    public static long? Due(SqliteDatabase database, string localTable)
    {
        using var statement = database.Prepare("SELECT due FROM agent_sync_reread WHERE local_table = ?1");
        statement.Bind(1, localTable);
        return statement.Step() && !statement.IsNull(0) ? statement.Int64(0) : null;
    }

    /// <summary>Asks for a new reading: one that is under way does not cover what was found just now.</summary>
    public static void Raise(SqliteDatabase database, string localTable) => Run(
        database,
        """
        INSERT INTO agent_sync_reread (local_table, last, due) VALUES (?1, 1, 1)
        ON CONFLICT (local_table) DO UPDATE SET last = last + 1, due = last + 1
        """,
        localTable);

    /// <summary>Writes down that a resync begins: it covers what is due by now.</summary>
    public static void Begin(SqliteDatabase database, string localTable) =>
        Run(database, "UPDATE agent_sync_reread SET begun = due WHERE local_table = ?1", localTable);

    /// <summary>Writes down that the resync is complete.</summary>
    /// <returns>False when something was found since it began, so that another one is due.</returns>
    public static bool TryEnd(SqliteDatabase database, string localTable)
    {
        Run(database, "UPDATE agent_sync_reread SET due = NULL WHERE local_table = ?1 AND due IS begun", localTable);
        return Due(database, localTable) is null;
    }

    /// <summary>Whether nothing was found since the resync began.</summary>
    public static bool IsCovered(SqliteDatabase database, string localTable)
    {
        using var statement = database.Prepare("SELECT due IS begun FROM agent_sync_reread WHERE local_table = ?1");
        statement.Bind(1, localTable);
        return !statement.Step() || statement.Int64(0) != 0;
    }

    private static void Run(SqliteDatabase database, string sql, string localTable)
    {
        using var statement = database.Prepare(sql);
        statement.Bind(1, localTable);
        statement.Run();
    }
}
