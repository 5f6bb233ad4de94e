using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Bookkeeping;

/// <summary>Which columns of a local table are known, kept across runs: what is not known was edited by nobody. Writes run in the caller's transaction.</summary>
internal static class ColumnRegistry
{
    /// <summary>Returns a table's columns by local name, letter case aside. Empty when it was never prepared.</summary>
    public static Dictionary<string, KnownColumn> Read(SqliteDatabase database, string localTable)
    {
        using var statement = database.Prepare("SELECT name, remote, number, is_sent, state FROM agent_sync_column WHERE local_table = ?1");
        statement.Bind(1, localTable);
        var columns = new Dictionary<string, KnownColumn>(StringComparer.OrdinalIgnoreCase);
        while (statement.Step())
        {
            columns[statement.Text(0)] = new KnownColumn(statement.Text(0), statement.Text(1), (int)statement.Int64(2), statement.Int64(3) != 0, (ColumnState)statement.Int64(4));
        }

        return columns;
    }

    /// <summary>Returns the columns whose values were not read yet. Cheap when there are none: every apply asks.</summary>
    public static IReadOnlySet<string> ReadUnread(SqliteDatabase database, string localTable) =>
        ReadNames(database, $"SELECT name FROM agent_sync_column WHERE local_table = ?1 AND state IN ({(int)ColumnState.New}, {(int)ColumnState.Lost})", localTable);

    /// <summary>Returns the columns of a rebuilt table that nothing shows yet to have kept their values.</summary>
    public static IReadOnlySet<string> ReadDoubtful(SqliteDatabase database, string localTable) =>
        ReadNames(database, $"SELECT name FROM agent_sync_column WHERE local_table = ?1 AND state = {(int)ColumnState.Doubtful}", localTable);

    /// <summary>Doubts every column whose edits are sent: the table was rebuilt, and each of them may have been made anew.</summary>
    public static void Doubt(SqliteDatabase database, string localTable)
    {
        using var statement = database.Prepare($"UPDATE agent_sync_column SET state = {(int)ColumnState.Doubtful} WHERE local_table = ?1 AND is_sent = 1 AND state = {(int)ColumnState.Read}");
        statement.Bind(1, localTable);
        statement.Run();
    }

    /// <summary>Writes down what a column holds.</summary>
    public static void Set(SqliteDatabase database, string localTable, string column, ColumnState state)
    {
        using var statement = database.Prepare("UPDATE agent_sync_column SET state = ?3 WHERE local_table = ?1 AND name = ?2");
        statement.Bind(1, localTable);
        statement.Bind(2, column);
        statement.Bind(3, (long)state);
        statement.Run();
    }

    public static void Write(SqliteDatabase database, string localTable, IEnumerable<KnownColumn> columns)
    {
        using var statement = database.Prepare(
            "INSERT OR REPLACE INTO agent_sync_column (local_table, name, remote, number, is_sent, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
        statement.Bind(1, localTable);
        foreach (var column in columns)
        {
            statement.Bind(2, column.Name);
            statement.Bind(3, column.Remote);
            statement.Bind(4, column.Number);
            statement.Bind(5, column.IsSent ? 1L : 0L);
            statement.Bind(6, (long)column.State);
            statement.Run();
        }
    }

    public static void Forget(SqliteDatabase database, string localTable, string column)
    {
        using var statement = database.Prepare("DELETE FROM agent_sync_column WHERE local_table = ?1 AND name = ?2");
        statement.Bind(1, localTable);
        statement.Bind(2, column);
        statement.Run();
    }

    /// <summary>Writes down that the server's values of every column are here.</summary>
    public static void MarkRead(SqliteDatabase database, string localTable)
    {
        using var statement = database.Prepare("UPDATE agent_sync_column SET state = 0 WHERE local_table = ?1 AND state <> 0");
        statement.Bind(1, localTable);
        statement.Run();
    }

    private static HashSet<string> ReadNames(SqliteDatabase database, string sql, string localTable)
    {
        using var statement = database.Prepare(sql);
        statement.Bind(1, localTable);
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (statement.Step())
        {
            names.Add(statement.Text(0));
        }

        return names;
    }
}
