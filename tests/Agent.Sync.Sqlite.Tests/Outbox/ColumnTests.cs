using System.Globalization;
using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>What becomes of edits, and of what has to be read, when columns come and go.</summary>
public sealed class ColumnTests : OutboxTest
{
    private static readonly Reconciliation AllKnown = new(static (_, _) => true);

    private static readonly Dataset Owned = Dataset.Define("tasks").Key("id", ColumnType.Integer).Column("title", ColumnType.Text).Column("size", ColumnType.Integer)
        .Column("owner", ColumnType.Text).UpdatedAt("updated_at").Version("version").DeletedAt("deleted_at").Build();

    [Fact]
    public async Task Prepare_NothingHappened_HasNothingToRead()
    {
        await StartAsync(Tasks, Task(1, "one"));

        Assert.Null((await Store.PrepareAsync(Tasks, Token)).Reread);
    }

    [Fact]
    public async Task Prepare_ShapesThatAlternate_AreReadOnce()
    {
        await StartAsync(Tasks, Task(1, "one"));
        var demand = (await Store.PrepareAsync(Tasks.Sequenced(), Token)).Reread;
        await ResyncAsync(Tasks.Sequenced(), 1, Task(1, "one").Replace("\"size\"", "\"sync_seq\":7,\"size\"", StringComparison.Ordinal));

        Assert.NotNull(demand);
        Assert.Null((await Store.PrepareAsync(Tasks, Token)).Reread);
        Assert.Null((await Store.PrepareAsync(Tasks.Sequenced(), Token)).Reread);
    }

    [Fact]
    public async Task Prepare_RebuiltAgainWhileItIsRead_AsksForAnotherReading()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Rebuild("title TEXT, updated_at TEXT, version INTEGER, deleted_at TEXT", "title, updated_at, version, deleted_at");
        var first = (await Store.PrepareAsync(Tasks, Token)).Reread;
        Assert.Equal(first, (await Store.PrepareAsync(Tasks, Token)).Reread);
        using (var page = PageOf(Tasks, Task(1, "one", size: 5)))
        {
            await Store.ApplyAsync(new ApplyBatch(Tasks, [page], null, 1) { Reconciliation = AllKnown }, Token);
        }

        Rebuild("title TEXT, updated_at TEXT, version INTEGER, deleted_at TEXT", "title, updated_at, version, deleted_at");
        var second = (await Store.PrepareAsync(Tasks, Token)).Reread;
        await Store.SwapGenerationAsync(new GenerationSwap(Tasks, 1, 1, null) { Reconciliation = AllKnown }, Token);
        var third = (await Store.PrepareAsync(Tasks, Token)).Reread;

        // The first reading ended, but it had passed row 1 before that lost its size again.
        Assert.NotEqual(first, second);
        Assert.Equal(second, third);
    }

    [Fact]
    public async Task Prepare_ColumnSpelledOtherwise_IsReadAgainAndKeepsItsEdits()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("UPDATE tasks SET title = 'x'");
        var shouted = Dataset.Define("tasks").Key("id", ColumnType.Integer).Column("TITLE", ColumnType.Text).Column("size", ColumnType.Integer)
            .UpdatedAt("updated_at").Version("version").DeletedAt("deleted_at").Build();

        Assert.NotNull((await Store.PrepareAsync(shouted, Token)).Reread);

        Assert.Equal(["""Update {"id":1} 1 {"TITLE":"x"}"""], await TakeTextsAsync(shouted));
    }

    [Fact]
    public async Task Prepare_ColumnLostUnderAChangeInFlight_KeepsTheWholeEdit()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute("UPDATE tasks SET size = 5 WHERE id = 1; UPDATE tasks SET title = 'x' WHERE id = 2");
        var flying = await TakeAsync();
        Execute("UPDATE tasks SET title = 'behind' WHERE id = 1");
        Rebuild("title TEXT, updated_at TEXT, version INTEGER, deleted_at TEXT", "title, updated_at, version, deleted_at");

        await Store.PrepareAsync(Tasks, Token);

        var kept = (await Store.ListChangesAsync(Tasks, ChangeState.Quarantined, 0, 10, Token)).Single();
        Assert.Equal(("column_gone", "size", flying[0].Id), (kept.Code, kept.Constraint, kept.Id));
        var again = Assert.Single(await TakeAsync());
        Assert.Equal((flying[1].Id, flying[1].Operation, flying[1].Text), (again.Id, again.Operation, again.Text));
        await Store.RetryChangesAsync(Tasks, null, Token);
        Assert.Contains("""Update {"id":1} 1 {"title":"behind"}""", await TakeTextsAsync());
    }

    [Theory]
    [InlineData("UPDATE tasks SET id = 9")]
    [InlineData("INSERT OR REPLACE INTO tasks (id, title) VALUES (1, 'one')")]
    public async Task Prepare_ColumnLostThatARowTookToAnotherKeyOrLeftEmpty_KeepsTheEdit(string edit)
    {
        await StartAsync(Tasks, Task(1, "one", size: 10));
        Execute(edit);
        Rebuild("title TEXT, updated_at TEXT, version INTEGER, deleted_at TEXT", "title, updated_at, version, deleted_at");

        await Store.PrepareAsync(Tasks, Token);

        var kept = Assert.Single(await Store.ListChangesAsync(Tasks, ChangeState.Quarantined, 0, 10, Token));
        Assert.Equal(("column_gone", "size"), (kept.Code, kept.Constraint));
    }

    [Theory]
    [InlineData("UPDATE tasks SET title = 'later'", "UPDATE tasks SET size = 5", "Update {\"id\":1} 1 {\"title\":\"later\",\"size\":5}")]
    [InlineData("INSERT OR REPLACE INTO tasks (id, title, size, version) SELECT id, 'later', size, version FROM tasks", "UPDATE tasks SET size = 5", "Update {\"id\":1} 1 {\"title\":\"later\",\"size\":5}")]
    [InlineData("UPDATE tasks SET title = 'later' WHERE id = 2", "INSERT INTO tasks (id, title, size) VALUES (2, 'new', 5)", "Insert {\"id\":2} {\"id\":2,\"title\":\"later\",\"size\":5}")]
    public async Task Edit_OfARowWhoseColumnLeftTheDataset_StaysWithItUntilItIsDecided(string later, string edit, string sent)
    {
        var narrow = Dataset.Define("tasks").Key("id", ColumnType.Integer).Column("title", ColumnType.Text).UpdatedAt("updated_at").Version("version").DeletedAt("deleted_at").Build();
        await StartAsync(Tasks, Task(1, "one"));
        Execute(edit);
        await Store.PrepareAsync(narrow, Token);

        Execute(later);

        Assert.Empty(await TakeTextsAsync(narrow));
        Assert.Equal(("column_gone", "size"), (Scalar("SELECT code FROM agent_sync_outbox_tasks"), Scalar("SELECT constraint_name FROM agent_sync_outbox_tasks")));
        await Store.PrepareAsync(Tasks, Token);
        await Store.RetryChangesAsync(Tasks, changes: null, Token);
        Assert.Equal([sent], await TakeTextsAsync());
    }

    [Theory]
    [InlineData("DELETE FROM tasks", "DELETE FROM tasks", "Delete {\"id\":1} 10")]
    [InlineData("INSERT OR REPLACE INTO tasks (id, title) VALUES (1, 'typed')", "DELETE FROM tasks", "Delete {\"id\":1} 10")]
    [InlineData("INSERT OR REPLACE INTO tasks (id, title) VALUES (1, 'typed')", "UPDATE tasks SET title = 'x'", "Update {\"id\":1} 10 {\"title\":\"x\"}")]
    [InlineData("UPDATE tasks SET title = 'typed'", "UPDATE tasks SET title = 'x'", "Update {\"id\":1} 10 {\"title\":\"x\"}")]
    [InlineData("UPDATE tasks SET id = 9", "UPDATE tasks SET size = 8", "Update {\"id\":1} 10 {\"size\":8}")]
    public async Task Discard_BetweenRunsWithTheKit_LeavesTheRowTheVersionThatItHad(string edit, string later, string sent)
    {
        var sequenced = Tasks.Sequenced();
        await StartAsync(sequenced, Task(1, "one", size: 3).Replace("{", "{\"sync_seq\":10,", StringComparison.Ordinal));
        Execute(edit);

        await Store.PrepareAsync(Tasks, Token);
        await Store.DiscardChangesAsync(Tasks, [.. (await Store.ListChangesAsync(Tasks, null, 0, 10, Token)).Select(static change => change.Id)], Token);
        Execute(later);

        await Store.PrepareAsync(sequenced, Token);
        Assert.Equal([sent], await TakeTextsAsync(sequenced));
    }

    [Theory]
    [InlineData("UPDATE tasks SET title = 'typed', size = 8", 8)]
    [InlineData("DELETE FROM tasks", 3)]
    public async Task Discard_OfARowWithAColumnThatLeftTheDataset_LeavesWhatTheAppHasThere(string edit, int size)
    {
        var narrow = Dataset.Define("tasks").Key("id", ColumnType.Integer).Column("title", ColumnType.Text).UpdatedAt("updated_at").Version("version").DeletedAt("deleted_at").Build();
        await StartAsync(Tasks, Task(1, "one", size: 3));
        await Store.PrepareAsync(narrow, Token);
        Execute(edit);

        await Store.DiscardChangesAsync(narrow, [.. (await Store.ListChangesAsync(narrow, null, 0, 10, Token)).Select(static change => change.Id)], Token);

        Assert.Equal(("one", (long)size), (Scalar("SELECT title FROM tasks"), Scalar("SELECT size FROM tasks")));
    }

    [Theory]
    [InlineData("size INTEGER", "UPDATE tasks SET size = 7", "{\"size\":7}")]
    [InlineData("title TEXT", "UPDATE tasks SET title = 'x'", "{\"title\":\"x\"}")]
    public async Task Prepare_ColumnLostBesideTheEditedOne_SendsTheEdit(string left, string edit, string sent)
    {
        await StartAsync(Tasks, Task(1, "one", size: 1));
        Execute(edit);
        Rebuild($"{left}, updated_at TEXT, version INTEGER, deleted_at TEXT", $"{left.Split(' ')[0]}, updated_at, version, deleted_at");

        await Store.PrepareAsync(Tasks, Token);

        Assert.Empty(await Store.ListChangesAsync(Tasks, ChangeState.Quarantined, 0, 10, Token));
        Assert.Equal([$$"""Update {"id":1} 1 {{sent}}"""], await TakeTextsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prepare_ColumnLostThatAnEditBehindTouched_KeepsTheWholeEdit(bool isReturned)
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("UPDATE tasks SET title = 'x'");
        var flying = (await TakeAsync()).Single().Id;
        Execute("UPDATE tasks SET size = 5");
        if (isReturned)
        {
            await SettleAsync(flying, SettlementKind.Return);
        }

        Rebuild("title TEXT, updated_at TEXT, version INTEGER, deleted_at TEXT", "title, updated_at, version, deleted_at");
        await Store.PrepareAsync(Tasks, Token);

        var kept = Assert.Single(await Store.ListChangesAsync(Tasks, null, 0, 10, Token));
        Assert.Equal(("column_gone", "size", flying), (kept.Code, kept.Constraint, kept.Id));
    }

    [Fact]
    public async Task Prepare_ColumnLostUnderADeleteOrAnUntouchedEdit_KeepsNothingBack()
    {
        await StartAsync(Tasks, Task(1, "one", size: 1), Task(2, "two", size: 2));
        Execute("UPDATE tasks SET size = 9 WHERE id = 1; DELETE FROM tasks WHERE id = 1; UPDATE tasks SET title = 'x' WHERE id = 2; INSERT INTO tasks (id, title) VALUES (3, 'new')");
        Rebuild("title TEXT, updated_at TEXT, version INTEGER, deleted_at TEXT", "title, updated_at, version, deleted_at");

        await Store.PrepareAsync(Tasks, Token);

        Assert.Equal(
            ["""Update {"id":2} 1 {"title":"x"}""", """Insert {"id":3} {"id":3,"title":"new"}""", """Delete {"id":1} 1"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Take_VersionsLostAndTheRowEditedSince_WaitsUntilTheyAreRead()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Rebuild("title TEXT, size INTEGER, deleted_at TEXT", "title, size, deleted_at");
        await Store.PrepareAsync(Tasks, Token);
        Execute("UPDATE tasks SET title = 'mine' WHERE id = 1; INSERT INTO tasks (id, title) VALUES (3, 'new')");

        Assert.Equal(["""Insert {"id":3} {"id":3,"title":"new"}"""], await TakeTextsAsync());
        await ResyncAsync(Tasks, 1, AllKnown, Task(1, "one", 4), Task(2, "two", 4));

        Assert.Contains("""Update {"id":1} 4 {"title":"mine"}""", await TakeTextsAsync());
    }

    [Fact]
    public async Task Take_VersionsLostAndTheRowReplacedSince_WaitsUntilTheyAreRead()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Rebuild("title TEXT, size INTEGER, deleted_at TEXT", "title, size, deleted_at");
        await Store.PrepareAsync(Tasks, Token);
        Execute("INSERT OR REPLACE INTO tasks (id, title) VALUES (1, 'mine')");

        Assert.Empty(await TakeTextsAsync());
        await ResyncAsync(Tasks, 1, AllKnown, Task(1, "one", 4));

        Assert.Equal(["""Update {"id":1} 4 {"title":"mine"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Swap_RowOfTheAppsWithDefaultsInTheServersColumns_IsAnInsert()
    {
        Execute("CREATE TABLE tasks (id INTEGER NOT NULL PRIMARY KEY, title TEXT, size INTEGER, updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, version INTEGER NOT NULL DEFAULT 1, deleted_at TEXT)");
        await StartAsync(Tasks, Task(1, "one"), Task(2, "gone"));
        Execute("DROP TRIGGER agent_sync_ai_tasks; INSERT INTO tasks (id, title) VALUES (3, 'mine')");
        await Store.PrepareAsync(Tasks, Token);

        await ResyncAsync(Tasks, 1, AllKnown, Task(1, "one"));

        Assert.Equal("1=one,3=mine", Rows());
        Assert.StartsWith("""Insert {"id":3}""", Assert.Single(await TakeTextsAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepare_FileOfAnEarlierVersion_KeepsItsEditsAndKnowsItsColumns()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("UPDATE tasks SET title = 'x'");
        MakeEarlier();
        using var store = OpenStore();

        var state = await store.PrepareAsync(Tasks, Token);

        Assert.Equal((false, null), (state.HasUnrecordedChanges, state.Reread));
        Assert.Equal(["""Update {"id":1} 1 {"title":"x"}"""], await TakeTextsAsync(store: store));
        Assert.NotNull((await store.PrepareAsync(Owned, Token)).Reread);
    }

    [Fact]
    public async Task Prepare_ColumnLostInAFileOfAnEarlierVersion_KeepsTheEdit()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("UPDATE tasks SET size = 5");
        MakeEarlier();
        using var store = OpenStore();
        await store.PrepareAsync(Tasks, Token);
        Rebuild("title TEXT, updated_at TEXT, version INTEGER, deleted_at TEXT", "title, updated_at, version, deleted_at");

        await store.PrepareAsync(Tasks, Token);

        var kept = Assert.Single(await store.ListChangesAsync(Tasks, ChangeState.Quarantined, 0, 10, Token));
        Assert.Equal(("column_gone", "size"), (kept.Code, kept.Constraint));
    }

    [Fact]
    public async Task Edits_OfManyColumns_AreTakenSettledPulledAndFound()
    {
        const int Count = 895;
        var builder = Dataset.Define("wide").Key("id", ColumnType.Integer);
        for (var index = 0; index < Count; index++)
        {
            builder.Column($"c{index}", ColumnType.Integer);
        }

        var wide = builder.Version("version").UpdatedAt("updated_at").Build().Sequenced();
        await StartAsync(wide, Row(1, 1), Row(2, 1), Row(3, 1), Row(4, 1));
        Execute($"UPDATE wide SET c0 = 5, c{Count - 1} = 6; INSERT INTO wide (id, c7) VALUES (9, 1); DELETE FROM wide WHERE id = 4");

        var changes = await TakeAsync(wide);
        Assert.Equal(5, changes.Count);
        Assert.Equal(["c0", $"c{Count - 1}"], changes[0].Columns);
        Execute("UPDATE wide SET c1 = 7");
        await ApplyAsync(Store, wide, null, Row(1, 2), Row(3, 2));
        await Store.ReadRowsAsync(wide, changes[0].Id, Token);
        await SettleAsync(wide, changes[0].Id, SettlementKind.KeepLocal, Row(1, 3));
        await SettleAsync(wide, changes[1].Id, SettlementKind.Acknowledge, Row(2, 3));
        await SettleAsync(wide, changes[2].Id, SettlementKind.Reject, code: "23514");
        Assert.Equal(5, (await TakeAsync(wide, wholeRows: true)).Count);
        Execute("DROP TRIGGER agent_sync_au_wide");
        await Store.PrepareAsync(wide, Token);
        await ResyncAsync(wide, 1, AllKnown, Row(1, 4), Row(2, 4), Row(3, 4));
        Assert.NotEmpty(await Store.ListChangesAsync(wide, null, 0, 10, Token));

        static string Row(int id, int version) => string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"id":{{id}},{{string.Concat(Enumerable.Range(0, Count).Select(static index => $"\"c{index}\":0,"))}}"version":{{version}},"updated_at":"2026-01-01T00:00:00.{{version:D6}}+00:00","sync_seq":{{version}}}""");
    }

    /// <summary>Makes the file one of a version that had neither marks nor a registry of columns.</summary>
    private void MakeEarlier()
    {
        var marks = "ALTER TABLE agent_sync_outbox_tasks DROP COLUMN edited_0; ALTER TABLE agent_sync_outbox_tasks DROP COLUMN found;";
        var triggers = string.Concat(new[] { "bi", "ai", "bu", "au", "ak", "ad" }.Select(static name => $"DROP TRIGGER agent_sync_{name}_tasks; CREATE TRIGGER agent_sync_{name}_tasks AFTER INSERT ON tasks WHEN 0 BEGIN SELECT 1; END;"));
        Store.Dispose();
        Execute($"{triggers}{marks} DROP TABLE agent_sync_column; DROP TABLE agent_sync_reread; UPDATE agent_sync_meta SET value = 2 WHERE name = 'schema_version'");
    }

    private void Rebuild(string columns, string kept) => Execute(
        $"CREATE TABLE ef_temp_tasks (id INTEGER NOT NULL PRIMARY KEY, {columns}); INSERT INTO ef_temp_tasks (id, {kept}) SELECT id, {kept} FROM tasks; DROP TABLE tasks; ALTER TABLE ef_temp_tasks RENAME TO tasks");

    private Task ResyncAsync(Dataset dataset, long generation, params string[] rows) => ResyncAsync(dataset, generation, null, rows);

    private async Task ResyncAsync(Dataset dataset, long generation, Reconciliation? reconciliation, params string[] rows)
    {
        using var page = PageOf(dataset, rows);
        await Store.ApplyAsync(new ApplyBatch(dataset, [page], null, generation) { Reconciliation = reconciliation }, Token);
        Assert.False((await Store.SwapGenerationAsync(new GenerationSwap(dataset, generation, 1, null) { Reconciliation = reconciliation }, Token)).Refused);
    }
}
