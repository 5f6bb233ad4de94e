using System.Globalization;
using System.Text;
using System.Text.Json;
using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>
/// Random triggers of the app's, made before and after the store's, and random statements. What is sent must be the difference between
/// the rows as the server left them and as the app sees them, whatever happened in between.
/// </summary>
public sealed class AppTriggerModelTests : OutboxTest
{
    private const int Keys = 5;

    private static readonly string[] Tables =
    [
        "id INTEGER PRIMARY KEY, title TEXT, size INTEGER",
        "id INTEGER NOT NULL, title TEXT, size INTEGER, PRIMARY KEY (id DESC)",
        "id INTEGER NOT NULL PRIMARY KEY, title TEXT UNIQUE, size INTEGER",
        "id INTEGER NOT NULL, title TEXT, size INTEGER, own INTEGER PRIMARY KEY, UNIQUE (id)",
        "id INT NOT NULL PRIMARY KEY DEFAULT (abs(random()) % 1000 + 100), title TEXT, size INTEGER DEFAULT 3",
    ];

    private static readonly string[] Bodies =
    [
        "UPDATE tasks SET size = coalesce(size, 0) + 1 WHERE id = {0}.id",
        "UPDATE tasks SET title = lower({0}.title) || '~' WHERE id = {0}.id AND length(title) < 9",
        "UPDATE tasks SET size = 40 WHERE id = 1",
        "UPDATE OR IGNORE tasks SET id = {0}.id + 10 WHERE id = {0}.id AND id < 9",
        "DELETE FROM tasks WHERE id = {0}.id",
        "DELETE FROM tasks WHERE id = 2",
        "INSERT OR IGNORE INTO tasks (id, title, size) VALUES ({0}.id, 'back' || {0}.id, -1)",
        "INSERT OR IGNORE INTO tasks (id, title) VALUES ({0}.id + 20, 'more' || {0}.id)",
        "INSERT OR REPLACE INTO tasks (id, title) VALUES (4, 'four')",
        "INSERT INTO tasks (id, title) VALUES ({0}.id, 'up' || {0}.id) ON CONFLICT (id) DO UPDATE SET size = 8",
        "SELECT RAISE(IGNORE)",
    ];

    public static TheoryData<int> Seeds { get; } = [.. Enumerable.Range(1, 150)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Take_AnyTriggersAndStatements_IsWhatTheAppSees(int seed)
    {
#pragma warning disable CA5394 // Repeatable on purpose.
        var random = new Random(seed);
        Execute($"CREATE TABLE tasks ({Tables[random.Next(Tables.Length)]})");
        MakeTriggers(random, "early", random.Next(3));
        await Store.PrepareAsync(Tasks, Token);
        var early = Sql("SELECT group_concat(sql, ';') FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'early%'");
        Execute(Drop("early"));
        await ApplyAsync(Tasks, [.. Enumerable.Range(1, Keys).Select(static id => Task(id, $"s{id}", size: id * 10))]);
        Execute($"{early}");
        MakeTriggers(random, "late", random.Next(4));
        if (random.Next(3) == 0)
        {
            Assert.False((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
        }

        var before = Read();
        using (var connection = Connect())
        {
            Run(connection, $"PRAGMA recursive_triggers = {random.Next(2)}");
            for (var step = random.Next(1, 7); step > 0; step--)
            {
                TryRun(connection, Statement(random));
            }
        }
#pragma warning restore CA5394

        // What is dropped is written again, and these triggers fire then too.
        Execute($"{Drop("early")}; {Drop("late")}");
        Assert.Equal(Differences(before, Read()), await ReadTakenAsync());
    }

#pragma warning disable CA5394 // Repeatable on purpose.
    private static string Statement(Random random)
    {
        var (id, title) = (random.Next(1, Keys + 3), $"T{random.Next(100)}");
        return random.Next(11) switch
        {
            0 => $"INSERT OR IGNORE INTO tasks (id, title) VALUES ({id}, '{title}')",
            1 => $"INSERT OR REPLACE INTO tasks (id, title) VALUES ({id}, '{title}')",
            2 => $"DELETE FROM tasks WHERE id = {id}",
            3 => $"UPDATE OR IGNORE tasks SET id = {random.Next(1, Keys + 3)} WHERE id = {id}",
            4 => $"UPDATE OR REPLACE tasks SET id = {random.Next(1, Keys + 3)}, title = 's{random.Next(1, Keys)}' WHERE id = {id}",
            5 => $"INSERT INTO tasks (id, title) VALUES ({id}, '{title}') ON CONFLICT (id) DO UPDATE SET title = excluded.title",
            6 => $"INSERT INTO tasks (title) VALUES ('{title}')",
            7 => $"INSERT INTO tasks (id, title, size) VALUES ({id + 5}, '{title}', 1)",
            8 => $"BEGIN; UPDATE tasks SET title = title || 'x'; DELETE FROM tasks WHERE id = {id}; ROLLBACK",
            9 => $"INSERT OR REPLACE INTO tasks SELECT * FROM tasks WHERE id = {id}",
            _ => $"UPDATE tasks SET title = '{title}', size = {random.Next(3)} WHERE id = {id}",
        };
    }

    private void MakeTriggers(Random random, string name, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var (when, what) = (random.Next(2) == 0 ? "BEFORE" : "AFTER", random.Next(3));
            var (kind, row) = what switch { 0 => ("INSERT", "NEW"), 1 => (random.Next(2) == 0 ? "UPDATE" : "UPDATE OF title, id", "NEW"), _ => ("DELETE", "OLD") };
            // A rowid that SQLite chooses is no key yet before the insert.
            var bodies = string.Join("; ", Enumerable.Range(0, random.Next(1, 3)).Select(_ => string.Format(CultureInfo.InvariantCulture, Bodies[random.Next(Bodies.Length)], row)));
            Execute($"CREATE TRIGGER {name}{i} {when} {kind} ON tasks WHEN {row}.id > 0 BEGIN {bodies}; END");
        }
    }
#pragma warning restore CA5394

    private string Drop(string name) =>
        Sql($"SELECT group_concat('DROP TRIGGER ' || name, ';') FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '{name}%'");

    private string Sql(string sql) => Scalar(sql) as string ?? "SELECT 1";

    /// <summary>A trigger that goes on for ever, or breaks a constraint, fails the app's statement and nothing else.</summary>
    private static void TryRun(SqliteConnection connection, string sql)
    {
        try
        {
            Run(connection, sql);
        }
        catch (SqliteException)
        {
            Run(connection, "SELECT 1");
        }
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the tests' own.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private SortedDictionary<long, (string? Title, long? Size)> Read()
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, title, size FROM tasks WHERE id IS NOT NULL";
        using var reader = command.ExecuteReader();
        var rows = new SortedDictionary<long, (string?, long?)>();
        while (reader.Read())
        {
            rows[reader.GetInt64(0)] = (reader.IsDBNull(1) ? null : reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetInt64(2));
        }

        return rows;
    }

    private static string Differences(SortedDictionary<long, (string? Title, long? Size)> before, SortedDictionary<long, (string? Title, long? Size)> after)
    {
        var changes = new SortedDictionary<long, string>();
        foreach (var (id, row) in after)
        {
            if (!before.TryGetValue(id, out var old))
            {
                changes[id] = $"Insert {row.Title ?? "null"} {row.Size?.ToString(CultureInfo.InvariantCulture) ?? "null"}";
            }
            else if (old != row)
            {
                changes[id] = $"Update {(old.Title == row.Title ? "-" : row.Title ?? "null")} {(old.Size == row.Size ? "-" : row.Size?.ToString(CultureInfo.InvariantCulture) ?? "null")}";
            }
        }

        foreach (var id in before.Keys.Except(after.Keys))
        {
            changes[id] = "Delete - -";
        }

        return string.Join('\n', changes.Select(static change => $"{change.Key}: {change.Value}"));
    }

    private async Task<string> ReadTakenAsync()
    {
        var changes = new SortedDictionary<long, string>();
        foreach (var part in Enum.GetValues<ChangePart>())
        {
            using var batch = await Store.TakeAsync(Request(part: part), Token);
            foreach (var change in batch.Changes.Span)
            {
                var id = JsonDocument.Parse(change.Key).RootElement.GetProperty("id").GetInt64();
                // Nothing has a default on this server: a new row is the same with a null that is sent, and without.
                var absent = change.Kind == ChangeKind.Insert ? "null" : "-";
                changes.Add(id, $"{change.Kind} {Field(change.Row, "title") ?? absent} {Field(change.Row, "size") ?? absent}");
                Assert.Equal(change.Kind == ChangeKind.Insert ? string.Empty : "1", Encoding.UTF8.GetString(change.BaseVersion.Span));
            }
        }

        return string.Join('\n', changes.Select(static change => $"{change.Key}: {change.Value}"));
    }

    private static string? Field(ReadOnlyMemory<byte> row, string name)
    {
        if (row.IsEmpty || !JsonDocument.Parse(row).RootElement.TryGetProperty(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Null ? "null" : value.ToString();
    }
}
