using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Bookkeeping;

/// <summary>
/// Keeps the store's own writes from being recorded as the app's. Where nothing but the recording triggers hangs on the table, no trigger fires for the store's
/// connection at all. The app's triggers have to fire: then a row in a table, put there and taken away within one transaction, tells the recording ones
/// that the store is writing. Neither is seen by another connection or outlives the transaction, whatever ends it.
/// </summary>
internal static class ApplyGuard
{
    public const string Table = "agent_sync_applying";

    /// <summary>Does work whose writes to a local table are not recorded. Runs in the caller's transaction, in which nobody can give the table another trigger.</summary>
    public static T Run<T>(SqliteDatabase database, string localTable, Func<T> work)
    {
        if (!HasAppTriggers(database, localTable))
        {
            return database.WithoutTriggers(work);
        }

        database.Execute($"INSERT INTO {Table} (id) VALUES (1)");
        var result = work();
        database.Execute($"DELETE FROM {Table}");
        return result;
    }

    /// <summary>Whether a local table has triggers of the app's.</summary>
    public static bool HasAppTriggers(SqliteDatabase database, string localTable)
    {
        using var statement = database.Prepare(
            $"SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE AND substr(name, 1, 11) <> '{Names.Prefix}')");
        statement.Bind(1, localTable);
        return statement.Step() && statement.Int64(0) != 0;
    }
}
