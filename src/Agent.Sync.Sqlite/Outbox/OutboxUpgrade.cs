using System.Text.RegularExpressions;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>
/// Brings the outboxes of earlier versions up to date: up to version 4 of the bookkeeping the column <c>state</c> was called <c>slot</c>.
/// Runs in the transaction that raises the version.
/// </summary>
/// <remarks>
/// The tables are made anew. ALTER TABLE RENAME COLUMN reads the whole schema, so a single view of the app's that names a table which is gone would make
/// the file unusable, and it may rewrite the text of the app's own triggers.
/// </remarks>
internal static partial class OutboxUpgrade
{
    private const string Former = "slot";
    private const string Current = "state";
    private const string Copy = "agent_sync_copy";

    public static void Run(SqliteDatabase database)
    {
        var outboxes = ReadOutboxes(database);
        if (outboxes.Count == 0)
        {
            return;
        }

        // The triggers keep their names, so that no edit counts as missed, and their order among themselves.
        var triggers = ReadTriggers(database);
        triggers.ForEach(trigger => database.Execute($"DROP TRIGGER {Names.Quote(trigger.Name)}"));
        outboxes.ForEach(outbox => Rename(database, outbox));
        triggers.ForEach(trigger => database.Execute(Word().Replace(trigger.Sql, static word => word.Value == Former ? Current : word.Value)));
    }

    private static List<string> ReadOutboxes(SqliteDatabase database)
    {
        using var statement = database.Prepare(
            $"""
            SELECT m.name FROM sqlite_schema m WHERE m.type = 'table' AND substr(m.name, 1, length(?1)) = ?1
                AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.name = '{Former}')
            """);
        statement.Bind(1, OutboxNames.Prefix);
        var found = new List<string>();
        while (statement.Step())
        {
            found.Add(statement.Text(0));
        }

        return found;
    }

    private static List<(string Name, string Sql)> ReadTriggers(SqliteDatabase database)
    {
        using var statement = database.Prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND substr(name, 1, length(?1)) = ?1 ORDER BY rowid");
        statement.Bind(1, Names.Prefix);
        var found = new List<(string, string)>();
        while (statement.Step())
        {
            found.Add((statement.Text(0), statement.Text(1)));
        }

        return found;
    }

    private static void Rename(SqliteDatabase database, string outbox)
    {
        var columns = ReadColumns(database, outbox);
        var last = ReadSequence(database, outbox);
        var table = Names.Quote(outbox);
        var names = Names.List(columns.Select(static column => column.Name));
        var newNames = Names.List(columns.Select(static column => NewName(column.Name)));
        database.Execute($"CREATE TEMP TABLE {Copy} AS SELECT {names} FROM {table}");
        database.Execute($"DROP TABLE {table}");
        database.Execute($"CREATE TABLE {table} ({string.Join(", ", columns.Select(static column => $"{Names.Quote(NewName(column.Name))} {column.Definition}"))})");
        database.Execute($"INSERT INTO {table} ({newNames}) SELECT {names} FROM temp.{Copy}");
        database.Execute($"DROP TABLE temp.{Copy}");
        WriteSequence(database, outbox, last);
        var keys = string.Join(", ", columns.Select(static column => column.Name).Where(static name => name is ['k', '_', ..]).Select(Names.Quote));
        foreach (var index in OutboxSchema.Indexes(outbox, keys).Values)
        {
            database.Execute(index);
        }
    }

    private static string NewName(string column) => column == Former ? Current : column;

    private static List<(string Name, string Definition)> ReadColumns(SqliteDatabase database, string outbox)
    {
        using var statement = database.Prepare("SELECT name, type, dflt_value, pk FROM pragma_table_info(?1) ORDER BY cid");
        statement.Bind(1, outbox);
        var found = new List<(string, string)>();
        while (statement.Step())
        {
            var isId = statement.Int64(3) != 0;
            var defaults = statement.IsNull(2) ? string.Empty : $" DEFAULT {statement.Text(2)}";
            found.Add((statement.Text(0), isId ? "INTEGER PRIMARY KEY AUTOINCREMENT" : statement.Text(1) + defaults));
        }

        return found;
    }

    private static long ReadSequence(SqliteDatabase database, string outbox)
    {
        using var statement = database.Prepare("SELECT seq FROM sqlite_sequence WHERE name = ?1");
        statement.Bind(1, outbox);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    /// <summary>A number that a change had is given to no other one.</summary>
    private static void WriteSequence(SqliteDatabase database, string outbox, long last)
    {
        using var remove = database.Prepare("DELETE FROM sqlite_sequence WHERE name = ?1");
        remove.Bind(1, outbox);
        remove.Run();
        using var write = database.Prepare("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)");
        write.Bind(1, outbox);
        write.Bind(2, last);
        write.Run();
    }

    /// <summary>What SQLite reads as one name or text: in quotes it is the app's.</summary>
    [GeneratedRegex("""
        "(?:[^"]|"")*"|'(?:[^']|'')*'|\bslot\b
        """, RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
