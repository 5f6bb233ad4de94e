using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Bookkeeping;

/// <summary>
/// Tells the triggers that the store itself is writing: a row in a table, put there and taken away within one transaction, so that no
/// other connection ever sees it and a failure cannot leave it behind.
/// </summary>
internal static class ApplyGuard
{
    public const string Table = "agent_sync_applying";

    /// <summary>Does work whose writes are not recorded as the app's. Runs in the caller's transaction.</summary>
    public static T Run<T>(SqliteDatabase database, Func<T> work)
    {
        database.Execute($"INSERT INTO {Table} (id) VALUES (1)");
        var result = work();
        database.Execute($"DELETE FROM {Table}");
        return result;
    }
}
