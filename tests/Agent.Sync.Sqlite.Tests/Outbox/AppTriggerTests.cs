using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>The app's own triggers on a synced table: what its statements come to is recorded, in whatever order SQLite fires the triggers.</summary>
public sealed class AppTriggerTests : OutboxTest
{
    private static readonly string[] Seed = [Task(1, "one", size: 10), Task(2, "two", size: 20)];

    public static TheoryData<string, string, string> Cases => new()
    {
        { "AFTER INSERT ON tasks BEGIN UPDATE tasks SET size = length(NEW.title) WHERE id = NEW.id; END", "INSERT INTO tasks (id, title) VALUES (3, 'three')", """Insert {"id":3} {"id":3,"title":"three","size":5}""" },
        { "AFTER INSERT ON tasks BEGIN UPDATE tasks SET size = length(NEW.title) WHERE id = NEW.id; END", "INSERT INTO tasks (title) VALUES ('three')", """Insert {"id":3} {"id":3,"title":"three","size":5}""" },
        { "AFTER INSERT ON tasks BEGIN DELETE FROM tasks WHERE id = NEW.id; END", "INSERT INTO tasks (title) VALUES ('three')", "" },
        { "AFTER INSERT ON tasks BEGIN UPDATE tasks SET id = id + 100 WHERE id = NEW.id; END", "INSERT INTO tasks (id, title) VALUES (3, 'three')", """Insert {"id":103} {"id":103,"title":"three"}""" },
        { "AFTER INSERT ON tasks BEGIN UPDATE tasks SET size = 99 WHERE id = 1; END", "INSERT INTO tasks (id, title) VALUES (3, 'three')", """Insert {"id":3} {"id":3,"title":"three"}|Update {"id":1} 1 {"size":99}""" },
        { "BEFORE INSERT ON tasks BEGIN DELETE FROM tasks WHERE id = NEW.id; END", "INSERT INTO tasks (id, title) VALUES (1, 'x')", """Update {"id":1} 1 {"title":"x","size":null}""" },
        { "AFTER UPDATE ON tasks BEGIN UPDATE tasks SET size = coalesce(OLD.size, 0) + 1 WHERE id = NEW.id; END", "UPDATE tasks SET title = 'x' WHERE id = 1", """Update {"id":1} 1 {"title":"x","size":11}""" },
        { "BEFORE UPDATE ON tasks BEGIN UPDATE tasks SET size = 11 WHERE id = OLD.id; END", "UPDATE tasks SET title = 'x' WHERE id = 1", """Update {"id":1} 1 {"title":"x","size":11}""" },
        { "AFTER UPDATE OF id ON tasks BEGIN UPDATE tasks SET size = 7 WHERE id = NEW.id; END", "UPDATE tasks SET id = 9 WHERE id = 1", """Insert {"id":9} {"id":9,"title":"one","size":7}|Delete {"id":1} 1""" },
        { "AFTER DELETE ON tasks BEGIN INSERT INTO tasks (id, title, size) VALUES (OLD.id, OLD.title, -1); END", "DELETE FROM tasks WHERE id = 1", """Update {"id":1} 1 {"size":-1}""" },
        { "BEFORE DELETE ON tasks BEGIN UPDATE tasks SET size = -1 WHERE id = OLD.id; SELECT RAISE(IGNORE); END", "DELETE FROM tasks WHERE id = 1", """Update {"id":1} 1 {"size":-1}""" },
        { "AFTER DELETE ON tasks BEGIN DELETE FROM tasks WHERE id = 2; END", "DELETE FROM tasks WHERE id = 1", """Delete {"id":1} 1|Delete {"id":2} 1""" },
        { "AFTER INSERT ON tasks BEGIN UPDATE tasks SET size = 5 WHERE id = NEW.id; END", "INSERT OR REPLACE INTO tasks (id, title, size) VALUES (1, 'one', 10)", """Update {"id":1} 1 {"size":5}""" },
        { "AFTER UPDATE ON tasks BEGIN UPDATE tasks SET size = 5 WHERE id = NEW.id; END", "INSERT INTO tasks (id, title) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET title = excluded.title", """Update {"id":1} 1 {"title":"x","size":5}""" },
        { "INSTEAD OF INSERT ON task_names BEGIN INSERT INTO tasks (id, title) VALUES (NEW.id, NEW.title); UPDATE tasks SET size = 1 WHERE id = NEW.id; END", "INSERT INTO task_names VALUES (3, 'three')", """Insert {"id":3} {"id":3,"title":"three","size":1}""" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Take_AppTriggerMadeAfterTheFirstSync_EndsAsTheAppSeesIt(string trigger, string sql, string expected)
    {
        Execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT, size INTEGER)");
        await StartAsync(Tasks, Seed);
        Execute("CREATE VIEW task_names AS SELECT id, title FROM tasks");
        Execute($"CREATE TRIGGER app {trigger}");

        Execute(sql);

        Assert.Equal(expected, Sorted(await TakeTextsAsync()));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Take_AppTriggerMadeBeforeTheFirstSync_EndsAsTheAppSeesIt(string trigger, string sql, string expected)
    {
        Execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT, size INTEGER); CREATE VIEW task_names AS SELECT id, title FROM tasks");
        Execute($"CREATE TRIGGER app {trigger}");
        await Store.PrepareAsync(Tasks, Token);
        Execute("DROP TRIGGER app");
        await ApplyAsync(Tasks, Seed);
        Execute($"CREATE TRIGGER app {trigger}");
        await Store.PrepareAsync(Tasks, Token);

        Execute($"PRAGMA recursive_triggers = OFF; {sql}");

        Assert.Equal(expected, Sorted(await TakeTextsAsync()));
    }

    [Theory]
    [InlineData("AFTER UPDATE OF size ON tasks WHEN NEW.size IS NOT OLD.size BEGIN UPDATE tasks SET title = 'sized' WHERE id = NEW.id; END")]
    [InlineData("AFTER UPDATE ON tasks BEGIN UPDATE tasks SET title = 'touched' WHERE id = NEW.id; END")]
    [InlineData("BEFORE UPDATE ON tasks BEGIN UPDATE tasks SET title = 'touched' WHERE id = OLD.id; END")]
    public async Task Settle_TriggerThatWritesOverAnEditBehind_LeavesTheEdit(string trigger)
    {
        await StartAsync(Tasks, Seed);
        Execute("UPDATE tasks SET title = 'sent' WHERE id = 1");
        var flying = (await TakeAsync()).Single();
        Execute($"UPDATE tasks SET title = 'typed' WHERE id = 1; CREATE TRIGGER app {trigger}");

        await SettleAsync(flying.Id, SettlementKind.Acknowledge, Task(1, "sent", 2, size: 99));

        Assert.Equal(["""Update {"id":1} 2 {"title":"typed"}"""], await TakeTextsAsync());
        Assert.Equal(99L, Scalar("SELECT size FROM tasks WHERE id = 1"));
    }

    [Theory]
    [InlineData("AFTER UPDATE OF size ON tasks WHEN NEW.size IS NOT OLD.size BEGIN UPDATE tasks SET title = 'sized' WHERE id = NEW.id; END")]
    [InlineData("AFTER UPDATE ON tasks BEGIN UPDATE tasks SET title = 'touched' WHERE id = NEW.id; END")]
    public async Task Apply_TriggerThatWritesOverAQuarantinedEdit_LeavesTheEdit(string trigger)
    {
        await StartAsync(Tasks, Seed);
        Execute("UPDATE tasks SET title = 'typed' WHERE id = 1");
        await SettleAsync((await TakeAsync()).Single().Id, SettlementKind.Reject, code: "23514");
        Execute($"CREATE TRIGGER app {trigger}");

        await ApplyAsync(Tasks, Task(1, "theirs", 2, size: 99));

        Assert.Equal(("typed", 99L), (Scalar("SELECT title FROM tasks WHERE id = 1"), Scalar("SELECT size FROM tasks WHERE id = 1")));
    }

    [Fact]
    public async Task Settle_TableThatFollowsByTrigger_FollowsTheEditThatWasPutBack()
    {
        await StartAsync(Tasks, Seed);
        Execute(
            """
            CREATE TABLE titles (id INTEGER PRIMARY KEY, title TEXT); INSERT INTO titles VALUES (1, 'one');
            CREATE TRIGGER follow AFTER UPDATE OF title ON tasks BEGIN UPDATE titles SET title = NEW.title WHERE id = NEW.id; END;
            CREATE TRIGGER app AFTER UPDATE OF size ON tasks WHEN NEW.size IS NOT OLD.size BEGIN UPDATE tasks SET title = 'sized' WHERE id = NEW.id; END;
            UPDATE tasks SET title = 'sent' WHERE id = 1
            """);
        var flying = (await TakeAsync()).Single();
        Execute("UPDATE tasks SET title = 'typed' WHERE id = 1");

        await SettleAsync(flying.Id, SettlementKind.Acknowledge, Task(1, "sent", 2, size: 99));

        Assert.Equal(("typed", "typed"), (Scalar("SELECT title FROM tasks WHERE id = 1"), Scalar("SELECT title FROM titles")));
    }

    [Fact]
    public async Task Take_RowWhoseKeyTheAppSaidAndATriggerWroteTo_IsAnInsert()
    {
        Execute("CREATE TABLE tasks (id INT NOT NULL PRIMARY KEY, title TEXT, size INTEGER) WITHOUT ROWID");
        await StartAsync(Tasks, Seed);
        Execute("CREATE TRIGGER app AFTER INSERT ON tasks BEGIN UPDATE tasks SET size = 5 WHERE id = NEW.id; END");

        Execute("INSERT INTO tasks (id, title) VALUES (3, 'three')");

        Assert.Equal(["""Insert {"id":3} {"id":3,"title":"three","size":5}"""], await TakeTextsAsync());
    }

    [Theory]
    [InlineData("", 3)]
    [InlineData(" AUTOINCREMENT", 4)]
    public async Task Take_RowWithAMadeKeyAndADefaultVersionAndATriggerWroteTo_IsAnInsert(string made, int id)
    {
        Execute($"CREATE TABLE tasks (id INTEGER PRIMARY KEY{made}, title TEXT, size INTEGER, version INTEGER NOT NULL DEFAULT 1)");
        await StartAsync(Tasks, [.. Seed, Task(3, "gone")]);
        await ApplyAsync(Tasks, Task(3, "gone", 2, isDeleted: true));
        Execute("CREATE TRIGGER app AFTER INSERT ON tasks BEGIN UPDATE tasks SET size = 5 WHERE id = NEW.id; END");

        Execute("INSERT INTO tasks (title) VALUES ('new')");

        Assert.Equal([$$"""Insert {"id":{{id}}} {"id":{{id}},"title":"new","size":5}"""], await TakeTextsAsync());
    }

    [Theory]
    [InlineData("SELECT 1", "")]
    [InlineData("UPDATE tasks SET size = 5 WHERE id = NEW.id", ",\"size\":5")]
    public async Task Take_RowWhoseNextKeyATriggerGaveToAnother_IsAnInsert(string after, string more)
    {
        // The app's first trigger comes after the store's, its second one before.
        Execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT, size INTEGER)");
        Execute("CREATE TRIGGER first BEFORE INSERT ON tasks WHEN NEW.title = 'new' BEGIN INSERT INTO tasks (title) VALUES ('other'); END");
        await StartAsync(Tasks, Seed);
        Execute($"CREATE TRIGGER second AFTER INSERT ON tasks WHEN NEW.title = 'new' BEGIN {after}; END");

        Execute("INSERT INTO tasks (title) VALUES ('new')");

        Assert.Equal($$"""Insert {"id":3} {"id":3,"title":"other"}|Insert {"id":4} {"id":4,"title":"new"{{more}}}""", Sorted(await TakeTextsAsync()));
    }

    [Fact]
    public async Task Prepare_TriggersOfAnEarlierVersion_AreReplacedAndNotTakenForLost()
    {
        await StartAsync(Tasks, Seed);
        Execute("DROP TRIGGER agent_sync_ad_tasks; CREATE TRIGGER agent_sync_ad_tasks AFTER DELETE ON tasks BEGIN SELECT 1; END");

        Assert.False((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);

        Execute("DELETE FROM tasks WHERE id = 1");
        Assert.Equal(["""Delete {"id":1} 1"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Apply_AppTriggerWritesToAPulledRow_IsNoEdit()
    {
        await StartAsync(Tasks, Seed);
        Execute(
            """
            CREATE TABLE audit (id INTEGER);
            CREATE TRIGGER i AFTER INSERT ON tasks BEGIN UPDATE tasks SET size = 99 WHERE id = NEW.id; INSERT INTO audit VALUES (NEW.id); END;
            CREATE TRIGGER u AFTER UPDATE OF title ON tasks BEGIN UPDATE tasks SET size = 77 WHERE id = NEW.id; INSERT INTO audit VALUES (NEW.id); END
            """);

        await ApplyAsync(Tasks, Task(1, "uno", version: 2), Task(3, "three"));

        Assert.Equal(0, CountChanges());
        Assert.Equal("1,3", Scalar("SELECT group_concat(id) FROM audit"));
        Execute("DROP TRIGGER u; UPDATE tasks SET title = 'x' WHERE id = 3");
        Assert.Equal(["""Update {"id":3} 1 {"title":"x"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Apply_FirstAppTriggerMadeAfterAnApplyThatFailed_Fires()
    {
        await StartAsync(Tasks, Seed);
        await Assert.ThrowsAsync<SyncSchemaException>(() => ApplyAsync(Tasks, Task(3, "three"), Task(4, "four").Replace("\"four\"", "4", StringComparison.Ordinal)));
        Execute("CREATE TABLE audit (id INTEGER); CREATE TRIGGER app AFTER INSERT ON tasks BEGIN INSERT INTO audit VALUES (NEW.id); END");

        await ApplyAsync(Tasks, Task(3, "three"));
        Execute("DROP TRIGGER app");
        await ApplyAsync(Tasks, Task(4, "four"));

        Assert.Equal("3", Scalar("SELECT group_concat(id) FROM audit"));
        Assert.Equal(0, CountChanges());
    }

    [Fact]
    public async Task Edit_OfAStatementPreparedBeforeTheStoreApplied_IsRecorded()
    {
        await StartAsync(Tasks, Seed);
        using var app = Connect();
        using var edit = app.CreateCommand();
        edit.CommandText = "UPDATE tasks SET title = 'mine' WHERE id = 3";
        Assert.Equal(0, edit.ExecuteNonQuery());

        await ApplyAsync(Tasks, Task(3, "three"));
        Assert.Equal(1, edit.ExecuteNonQuery());

        Assert.Equal(["""Update {"id":3} 1 {"title":"mine"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Apply_AppTriggerWritesToAnotherSyncedTable_IsNoEdit()
    {
        await StartAsync(Notes, Note(7, "seven"));
        await StartAsync(Tasks, Seed);
        Execute("CREATE TRIGGER app AFTER INSERT ON tasks BEGIN UPDATE notes SET body = NEW.title; END");

        await ApplyAsync(Tasks, Task(3, "three"));
        Assert.Equal(0L, Scalar("SELECT count(*) FROM agent_sync_outbox_notes"));

        Execute("INSERT INTO tasks (id, title) VALUES (4, 'four')");
        Assert.Equal(["""Update {"id":7} 2026-01-01T00:00:00+00:00 {"body":"four"}"""], await TakeTextsAsync(Notes));
        Assert.Equal(["""Insert {"id":4} {"id":4,"title":"four"}"""], await TakeTextsAsync());
    }

    private static string Sorted(IEnumerable<string> changes) => string.Join('|', changes.OrderBy(static text => text.StartsWith("Insert", StringComparison.Ordinal) ? 0 : 1).ThenBy(static text => text, StringComparer.Ordinal));
}
