using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Bookkeeping;

/// <summary>Which local table a dataset had last. Runs in the caller's transaction.</summary>
internal static class TableRegistry
{
    private const string Prefix = "table_of_";

    public static string? Read(SqliteDatabase database, string dataset)
    {
        using var statement = database.Prepare("SELECT value FROM agent_sync_meta WHERE name = ?1");
        statement.Bind(1, Prefix + dataset);
        return statement.Step() && !statement.IsNull(0) ? statement.Text(0) : null;
    }

    public static void Write(SqliteDatabase database, string dataset, string localTable)
    {
        using var statement = database.Prepare("INSERT OR REPLACE INTO agent_sync_meta (name, value) VALUES (?1, ?2)");
        statement.Bind(1, Prefix + dataset);
        statement.Bind(2, localTable);
        statement.Run();
    }
}
