using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>The triggers are checked at every run, and what was edited without them is found.</summary>
public sealed class TriggerLossTests : OutboxTest
{
    private const string DropOne = "DROP TRIGGER agent_sync_au_tasks";

    private static readonly Reconciliation AllKnown = new(static (_, _) => true);

    private static readonly Reconciliation NoneKnown = new(static (_, _) => false);

    [Fact]
    public async Task Prepare_TableThatTheAppMade_IsNotMissingAnything()
    {
        Execute(
            """
            CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT, updated_at TEXT, version INTEGER);
            INSERT INTO tasks VALUES (1, 'there', '2026-01-01 00:00:00.000001+00:00', 1)
            """);

        Assert.False((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
        Assert.False((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
    }

    [Fact]
    public async Task Prepare_Again_WritesNoTriggers()
    {
        await Store.PrepareAsync(Tasks, Token);
        var before = Scalar("PRAGMA schema_version");

        await Store.PrepareAsync(Tasks, Token);

        Assert.Equal(before, Scalar("PRAGMA schema_version"));
    }

    [Fact]
    public async Task Prepare_TriggerDropped_IsPutBackAndTold()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute(DropOne);

        Assert.True((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
        Store.Dispose();
        using var reopened = OpenStore();
        Assert.True((await reopened.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
        Execute("UPDATE tasks SET title = 'x'");

        // It starts from a row that nothing was compared with yet.
        Assert.Empty(await TakeTextsAsync(store: reopened));
        Assert.Equal(1, CountChanges());
    }

    [Fact]
    public async Task Prepare_TableRebuilt_IsTold()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("CREATE TABLE ef_temp_tasks (id INTEGER NOT NULL PRIMARY KEY, title TEXT, size INTEGER, updated_at TEXT, version INTEGER, deleted_at TEXT); INSERT INTO ef_temp_tasks SELECT id, title, size, updated_at, version, deleted_at FROM tasks; DROP TABLE tasks; ALTER TABLE ef_temp_tasks RENAME TO tasks");

        Assert.True((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
    }

    [Fact]
    public async Task Prepare_ColumnAdded_KeepsChangesAndRecordsTheColumn()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("UPDATE tasks SET title = 'x'");
        var wider = Dataset.Define("tasks").Key("id", ColumnType.Integer).Column("title", ColumnType.Text).Column("size", ColumnType.Integer)
            .Column("owner", ColumnType.Text).UpdatedAt("updated_at").Version("version").DeletedAt("deleted_at").Build();

        Assert.False((await Store.PrepareAsync(wider, Token)).HasUnrecordedChanges);
        Execute("UPDATE tasks SET owner = 'bob'");

        Assert.Equal(["""Update {"id":1} 1 {"title":"x","owner":"bob"}"""], await TakeTextsAsync(wider));
        Assert.False((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
    }

    [Fact]
    public async Task Prepare_KeyChangedWhileChangesWait_IsRefused()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("CREATE UNIQUE INDEX u ON tasks (title); UPDATE tasks SET title = 'x'");
        var other = Dataset.Define("tasks").Key("title", ColumnType.Text).Column("id", ColumnType.Integer).UpdatedAt("updated_at").Build();

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(async () => await Store.PrepareAsync(other, Token));
        Assert.Equal(SyncErrorKind.LocalSchema, exception.Kind);
        Execute("DELETE FROM agent_sync_outbox_tasks");
        await Store.PrepareAsync(other, Token);

        Execute("UPDATE tasks SET id = 5");
        var reconciliation = new Reconciliation(static (_, _) => true);
        using var page = PageOf(other, """{"title":"x","id":1,"updated_at":"2026-01-01T00:00:00.000001+00:00"}""");
        await Store.ApplyAsync(new ApplyBatch(other, [page], null, 1) { Reconciliation = reconciliation }, Token);
        await Store.SwapGenerationAsync(new GenerationSwap(other, 1, 1, null) { Reconciliation = reconciliation }, Token);
        Assert.Equal("""Update {"title":"x"} 2026-01-01T00:00:00.000001+00:00 {"id":5}""", Assert.Single(await TakeTextsAsync(other)));
    }

    [Fact]
    public async Task Prepare_WithoutRecording_HasNoTriggersAndTellsWhenItIsBack()
    {
        await StartAsync(Tasks, Task(1, "one"));
        using (var reader = OpenStore(static options => options.RecordChanges = false))
        {
            Assert.False((await reader.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
        }

        Execute("UPDATE tasks SET title = 'x'");
        Assert.Equal(0L, Scalar("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"));

        Assert.True((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
    }

    [Fact]
    public async Task Prepare_TableDroppedWithItsEdits_SendsNoDeletes()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute("UPDATE tasks SET title = 'x' WHERE id = 1; DROP TABLE tasks");

        Assert.True((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
        await ReconcileAsync(AllKnown, Task(1, "one"), Task(2, "two"));

        Assert.Equal("1=one,2=two", Rows());
        Assert.Empty(await TakeTextsAsync());
    }

    [Fact]
    public async Task Prepare_TableEmptiedWithoutTriggers_SendsNoDeletes()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute($"UPDATE tasks SET title = 'x' WHERE id = 1; {DropOne}; DROP TRIGGER agent_sync_ad_tasks; DELETE FROM tasks");

        Assert.True((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
        await ReconcileAsync(AllKnown, Task(1, "one"), Task(2, "two"));

        Assert.Equal("1=one,2=two", Rows());
        Assert.Empty(await TakeTextsAsync());
    }

    [Fact]
    public async Task Reconcile_RowsThatDiffer_AreFound()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"), Task(3, "three"), Task(4, "four"), Task(5, "five", 3));
        Execute($"{DropOne}; DROP TRIGGER agent_sync_bi_tasks; DROP TRIGGER agent_sync_ai_tasks; DROP TRIGGER agent_sync_ad_tasks");
        Execute("UPDATE tasks SET title = 'mine' WHERE id IN (1, 2); DELETE FROM tasks WHERE id = 4; INSERT INTO tasks (id, title) VALUES (6, 'new')");
        await Store.PrepareAsync(Tasks, Token);

        // 1 edited here, 2 edited on both sides, 3 untouched, 4 deleted here, 5 deleted there, 6 new here, 7 new there.
        await ReconcileAsync(new Reconciliation(static (page, row) => !page.GetCell(row, 0).Utf8.SequenceEqual("7"u8)), Task(1, "one"), Task(2, "theirs", 2), Task(3, "three", 2), Task(4, "four"), Task(7, "seven"));

        Assert.Equal("1=mine,2=mine,3=three,6=new,7=seven", Rows());
        Assert.Equal(
            ["""Update {"id":1} 1 {"title":"mine"}""", """Insert {"id":6} {"id":6,"title":"new"}""", """Delete {"id":4} 1"""], await TakeTextsAsync());
        var quarantined = (await Store.ListChangesAsync(Tasks, ChangeState.Quarantined, 0, 10, Token)).Single();
        Assert.Equal((ChangeCodes.Unrecorded, """{"id":2}"""), (quarantined.Code, quarantined.Key));
        Assert.False((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
    }

    [Fact]
    public async Task Reconcile_EditOfCaseAlone_IsFound()
    {
        Execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT COLLATE NOCASE, size INTEGER, updated_at TEXT, version INTEGER, deleted_at TEXT)");
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute($"{DropOne}; UPDATE tasks SET title = 'ONE' WHERE id = 1");
        await Store.PrepareAsync(Tasks, Token);

        await ReconcileAsync(AllKnown, Task(1, "one"), Task(2, "two"));

        Assert.Equal(["""Update {"id":1} 1 {"title":"ONE"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Reconcile_FoundRowComesAgainInANewerVersion_KeepsTheVersionThatTheEditBeganWith()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute($"{DropOne}; UPDATE tasks SET title = 'mine' WHERE id = 1");
        await Store.PrepareAsync(Tasks, Token);

        await ReconcileAsync(AllKnown, Task(1, "one"), Task(2, "two"), Task(1, "theirs", 2));

        Assert.Equal(["""Update {"id":1} 1 {"title":"mine"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Prepare_ColumnOfAFoundEditIsLost_KeepsTheEdit()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute($"{DropOne}; UPDATE tasks SET title = 'mine', size = 5 WHERE id = 1");
        await Store.PrepareAsync(Tasks, Token);
        await ReconcileAsync(AllKnown, Task(1, "one"), Task(2, "two"));

        Execute("CREATE TABLE ef_temp_tasks (id INTEGER NOT NULL PRIMARY KEY, title TEXT, updated_at TEXT, version INTEGER, deleted_at TEXT); INSERT INTO ef_temp_tasks SELECT id, title, updated_at, version, deleted_at FROM tasks; DROP TABLE tasks; ALTER TABLE ef_temp_tasks RENAME TO tasks");
        await Store.PrepareAsync(Tasks, Token);

        var kept = Assert.Single(await Store.ListChangesAsync(Tasks, ChangeState.Quarantined, 0, 10, Token));
        Assert.Equal(("column_gone", "size"), (kept.Code, kept.Constraint));
    }

    [Fact]
    public async Task Reconcile_ManyRowsOfTheAppsOwn_DoNotCountForTheGuard()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute($"{DropOne}; DROP TRIGGER agent_sync_bi_tasks; DROP TRIGGER agent_sync_ai_tasks; INSERT INTO tasks (id, title) VALUES (3, 'x'), (4, 'y'), (5, 'z')");
        await Store.PrepareAsync(Tasks, Token);
        using var page = PageOf(Tasks, Task(1, "one"), Task(2, "two"));
        await Store.ApplyAsync(new ApplyBatch(Tasks, [page], null, 1) { Reconciliation = AllKnown }, Token);

        var result = await Store.SwapGenerationAsync(new GenerationSwap(Tasks, 1, 0.1, null) { Reconciliation = AllKnown }, Token);

        Assert.Equal((false, 0L), (result.Refused, result.Removed));
        Assert.Equal(3, (await TakeTextsAsync()).Count);
    }

    [Fact]
    public async Task Reconcile_RecordedChanges_AreLeftAsTheyAre()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute($"UPDATE tasks SET title = 'x' WHERE id = 1; {DropOne}");
        await Store.PrepareAsync(Tasks, Token);

        await ReconcileAsync(NoneKnown, Task(1, "one"), Task(2, "two"));

        Assert.Equal(["""Update {"id":1} 1 {"title":"x"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Reconcile_Interrupted_GoesOnLater()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute($"{DropOne}; UPDATE tasks SET title = 'mine'");
        await Store.PrepareAsync(Tasks, Token);
        using (var page = PageOf(Tasks, Task(1, "one")))
        {
            await Store.ApplyAsync(new ApplyBatch(Tasks, [page, page], null, 1) { Reconciliation = AllKnown }, Token);
        }

        Assert.True((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
        Assert.Equal(1, CountChanges());
    }

    private async Task ReconcileAsync(Reconciliation reconciliation, params string[] rows)
    {
        using var page = PageOf(Tasks, rows);
        await Store.ApplyAsync(new ApplyBatch(Tasks, [page], null, 1) { Reconciliation = reconciliation }, Token);
        var result = await Store.SwapGenerationAsync(new GenerationSwap(Tasks, 1, 1, null) { Reconciliation = reconciliation }, Token);
        Assert.False(result.Refused);
    }
}
