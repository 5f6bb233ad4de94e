using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>What the triggers record, whatever the app's statement.</summary>
public sealed class RecordingTests : OutboxTest
{

    [Fact]
    public async Task Replace_ThroughANocaseIndexInAnotherCase_IsADelete()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute("CREATE UNIQUE INDEX u ON tasks (title COLLATE NOCASE)");
        await Store.PrepareAsync(Tasks, Token);
        Execute("INSERT OR REPLACE INTO tasks (id, title) VALUES (3, 'ONE')");
        Assert.Equal(["""Insert {"id":3} {"id":3,"title":"ONE"}""", """Delete {"id":1} 1"""], await TakeTextsAsync());
    }

    private static readonly string[] Seed = [Task(1, "one", size: 10), Task(2, "two", size: 20)];

    public static TheoryData<string, string> Statements => new()
    {
        { "INSERT INTO tasks (id, title) VALUES (3, 'three')", """Insert {"id":3} {"id":3,"title":"three"}""" },
        { "UPDATE tasks SET title = 'x' WHERE id = 1", """Update {"id":1} 1 {"title":"x"}""" },
        { "UPDATE tasks SET size = NULL WHERE id = 1", """Update {"id":1} 1 {"size":null}""" },
        { "DELETE FROM tasks WHERE id = 1", """Delete {"id":1} 1""" },
        { "DELETE FROM tasks", """Delete {"id":1} 1|Delete {"id":2} 1""" },
        { "UPDATE tasks SET title = 'x' WHERE id = 1; UPDATE tasks SET size = 11 WHERE id = 1", """Update {"id":1} 1 {"title":"x","size":11}""" },
        { "UPDATE tasks SET title = 'x' WHERE id = 1; UPDATE tasks SET title = 'one' WHERE id = 1", "" },
        { "UPDATE tasks SET title = 'x' WHERE id = 1; DELETE FROM tasks WHERE id = 1", """Delete {"id":1} 1""" },
        { "INSERT INTO tasks (id, title) VALUES (3, 'three'); UPDATE tasks SET title = 'x' WHERE id = 3", """Insert {"id":3} {"id":3,"title":"x"}""" },
        { "INSERT INTO tasks (id, title) VALUES (3, 'three'); DELETE FROM tasks WHERE id = 3", "" },
        { "DELETE FROM tasks WHERE id = 1; INSERT INTO tasks (id, title) VALUES (1, 'x')", """Update {"id":1} 1 {"title":"x","size":null}""" },
        { "DELETE FROM tasks WHERE id = 1; INSERT INTO tasks (id, title, size) VALUES (1, 'one', 10)", "" },
        { "INSERT OR REPLACE INTO tasks (id, title, size) VALUES (1, 'x', 10)", """Update {"id":1} 1 {"title":"x"}""" },
        { "INSERT OR REPLACE INTO tasks (id, title) VALUES (3, 'x')", """Insert {"id":3} {"id":3,"title":"x"}""" },
        { "INSERT OR IGNORE INTO tasks (id, title) VALUES (1, 'x')", "" },
        { "INSERT INTO tasks (id, title) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET title = excluded.title", """Update {"id":1} 1 {"title":"x"}""" },
        { "INSERT INTO tasks (id, title) VALUES (1, 'x') ON CONFLICT (id) DO NOTHING", "" },
        { "UPDATE tasks SET id = 9 WHERE id = 1", """Insert {"id":9} {"id":9,"title":"one","size":10}|Delete {"id":1} 1""" },
        { "UPDATE OR REPLACE tasks SET id = 2 WHERE id = 1", """Update {"id":2} 1 {"title":"one","size":10}|Delete {"id":1} 1""" },
        { "UPDATE tasks SET id = 9 WHERE id = 1; UPDATE tasks SET id = 1 WHERE id = 9", "" },
        { "UPDATE tasks SET version = 99, updated_at = 'now' WHERE id = 1", "" },
    };

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task Take_AfterAStatement_HasItsNetEffect(string sql, string expected)
    {
        await StartAsync(Tasks, Seed);

        Execute(sql);

        Assert.Equal(expected, string.Join('|', await TakeTextsAsync()));
    }

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task Take_AfterAStatementWithRecursiveTriggers_HasTheSameEffect(string sql, string expected)
    {
        await StartAsync(Tasks, Seed);

        Execute($"PRAGMA recursive_triggers = ON; {sql}");

        Assert.Equal(expected, string.Join('|', await TakeTextsAsync()));
    }

    [Theory]
    [InlineData("CREATE UNIQUE INDEX u ON tasks (title)")]
    [InlineData("CREATE UNIQUE INDEX u ON tasks (title COLLATE NOCASE)")]
    [InlineData("CREATE UNIQUE INDEX u ON tasks (size, title) WHERE size IS NOT NULL")]
    [InlineData("CREATE UNIQUE INDEX \"w (where)\" ON tasks (title) WHERE title <> ')'")]
    public async Task Take_RowsReplacedThroughAnotherUniqueIndex_AreDeletes(string index)
    {
        await StartAsync(Tasks, Seed);
        Execute(index);
        await Store.PrepareAsync(Tasks, Token);

        Execute("INSERT OR REPLACE INTO tasks (id, title, size) VALUES (3, 'one', 10); UPDATE OR REPLACE tasks SET title = 'one' , size = 10 WHERE id = 2");

        Assert.Equal("2=one", Rows());
        Assert.Equal(["""Update {"id":2} 1 {"title":"one","size":10}""", """Delete {"id":1} 1"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Insert_OfAKeyThatTheAppSaid_RecordsThatRowAlone()
    {
        Execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT, size INTEGER)");
        await StartAsync(Tasks, Seed);

        Execute("INSERT INTO tasks (id, title) VALUES (50, 'fifty')");

        Assert.Equal(new ChangeCounts(1, 0), await Store.CountChangesAsync(Tasks, Token));
        await ApplyAsync(Tasks, Task(3, "three"));
        Assert.Equal("1=one,2=two,3=three,50=fifty", Rows());
    }

    [Fact]
    public async Task Insert_OfAValueThatAPartialIndexLeavesOut_RecordsNothingOfItsOtherRow()
    {
        await StartAsync(Tasks, Seed);
        Execute("CREATE UNIQUE INDEX u ON tasks (title) WHERE size > 15");
        await Store.PrepareAsync(Tasks, Token);

        Execute("INSERT INTO tasks (id, title) VALUES (3, 'one')");

        Assert.Equal(new ChangeCounts(1, 0), await Store.CountChangesAsync(Tasks, Token));
    }

    [Fact]
    public async Task Take_RowReplacedThroughAnIndexOverAnExpression_IsNotRecorded()
    {
        await StartAsync(Tasks, Seed);
        Execute("CREATE UNIQUE INDEX u ON tasks (lower(title))");
        await Store.PrepareAsync(Tasks, Token);

        Execute("INSERT OR REPLACE INTO tasks (id, title) VALUES (3, 'ONE')");

        Assert.Equal("2=two,3=ONE", Rows());
        Assert.Equal(["""Insert {"id":3} {"id":3,"title":"ONE"}"""], await TakeTextsAsync());
    }

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task Take_AfterAStatementOnATableWithoutRowid_HasTheSameEffect(string sql, string expected)
    {
        Execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT, size INTEGER, updated_at TEXT, version INTEGER, deleted_at TEXT) WITHOUT ROWID");
        await StartAsync(Tasks, Seed);

        Execute(sql);

        Assert.Equal(expected, string.Join('|', await TakeTextsAsync()));
    }

    [Fact]
    public async Task Take_RolledBackStatement_LeavesNothing()
    {
        await StartAsync(Tasks, Seed);

        Execute("BEGIN; UPDATE tasks SET title = 'x'; DELETE FROM tasks WHERE id = 1; ROLLBACK");

        Assert.Equal(0, CountChanges());
    }

    [Fact]
    public async Task Apply_OfTheStore_IsNotRecorded()
    {
        await StartAsync(Tasks, Seed);
        await ApplyAsync(Tasks, Task(1, "newer", 2), Task(2, "two", 2, isDeleted: true), Task(3, "three"));

        Assert.Equal(0, CountChanges());
        Assert.Equal(0L, Scalar("SELECT count(*) FROM agent_sync_applying"));
    }

    [Fact]
    public async Task Apply_ThatFails_LeavesRecordingOn()
    {
        await StartAsync(Tasks, Seed);

        await Assert.ThrowsAsync<SyncSchemaException>(() => ApplyAsync(Tasks, Task(3, "three"), """{"id":4,"title":"x","size":1.5,"updated_at":"2026-01-01T00:00:00+00:00","version":1,"deleted_at":null}"""));
        Execute("UPDATE tasks SET title = 'x' WHERE id = 1");

        Assert.Equal(["""Update {"id":1} 1 {"title":"x"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Apply_WithATriggerOfTheApps_FiresIt()
    {
        await StartAsync(Tasks);
        Execute("CREATE TABLE seen (title TEXT); CREATE TRIGGER app AFTER INSERT ON tasks BEGIN INSERT INTO seen VALUES (NEW.title); END");

        await ApplyAsync(Tasks, Task(1, "one"));

        Assert.Equal("one", Scalar("SELECT title FROM seen"));
    }

    [Fact]
    public async Task Take_EditsOfTwoConnections_AreBothThere()
    {
        await StartAsync(Tasks, Seed);
        using var first = Connect();
        using var second = Connect();
        foreach (var (connection, id) in new[] { (first, 1), (second, 2) })
        {
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE tasks SET title = 'x' WHERE id = $id";
            command.Parameters.AddWithValue("$id", id);
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        Assert.Equal(2, (await TakeAsync()).Count);
    }

    [Fact]
    public async Task Take_AppsOwnColumns_AreNotLookedAt()
    {
        Execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, stars INTEGER DEFAULT 0)");
        await StartAsync(Tasks, Seed);

        Execute("UPDATE tasks SET stars = 5");

        Assert.Equal(0, CountChanges());
    }

    [Fact]
    public async Task Insert_RowWithoutAKey_IsTheAppsOwn()
    {
        var dataset = Dataset.Define("items").Key("id", ColumnType.Text).Column("title", ColumnType.Text).UpdatedAt("updated_at").Build();
        Execute("CREATE TABLE items (id TEXT PRIMARY KEY, title TEXT)");
        await Store.PrepareAsync(dataset, Token);

        Execute("INSERT INTO items (title) VALUES ('none'); UPDATE items SET title = 'still none'");
        Assert.Equal(default, await Store.CountChangesAsync(dataset, Token));
        Assert.Empty(await TakeTextsAsync(dataset));
        Execute("UPDATE items SET id = 'a'");

        Assert.Equal(["""Insert {"id":"a"} {"id":"a","title":"still none"}"""], await TakeTextsAsync(dataset));
    }
}
