using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>Columns that have another name in the local table. The conformance suites and the random shapes use such names throughout.</summary>
public sealed class LocalNameTests : OutboxTest
{
    /// <summary>The same table as <see cref="OutboxTest.Tasks"/>; the local names of title and size are each other's.</summary>
    private static readonly Dataset Exchanged = Dataset.Define("tasks").Key("id", ColumnType.Integer, "Number").Column("title", ColumnType.Text, "size").Column("size", ColumnType.Integer, "title")
        .UpdatedAt("updated_at", "ChangedAt").Version("version", "Revision").DeletedAt("deleted_at", local: "GoneAt").Build();

    [Fact]
    public async Task Prepare_NewTable_HasTheLocalNames()
    {
        await Store.PrepareAsync(Exchanged.Sequenced(), Token);

        Assert.Equal("Number,size,title,ChangedAt,Revision,GoneAt,sync_seq", Scalar("SELECT group_concat(name) FROM pragma_table_info('tasks')"));
        Assert.Equal("Number", Scalar("SELECT name FROM pragma_table_info('tasks') WHERE pk = 1"));
    }

    [Fact]
    public async Task Edits_OfEveryKind_AreTakenUnderTheRemoteNames()
    {
        await StartAsync(Exchanged, Task(1, "one"), Task(2, "two"));
        Execute("UPDATE tasks SET size = 'mine' WHERE Number = 1; DELETE FROM tasks WHERE Number = 2; INSERT INTO tasks (Number, size, title) VALUES (3, 'new', 7)");

        var taken = await TakeAsync(Exchanged);

        Assert.Equal(
            ["""Update {"id":1} 1 {"title":"mine"}""", """Insert {"id":3} {"id":3,"title":"new","size":7}""", """Delete {"id":2} 1"""], taken.Select(static change => change.Text));
        Assert.Equal(["title"], taken[0].Columns);
        Assert.Equal("""{"id":1}""", (await Store.ListChangesAsync(Exchanged, null, 0, 1, Token)).Single().Key);
    }

    [Fact]
    public async Task Take_ValueThatIsNoneOfItsType_NamesTheRemoteColumn()
    {
        await StartAsync(Exchanged, Task(1, "one"));
        Execute("UPDATE tasks SET title = 'no number'");

        Assert.Empty(await TakeAsync(Exchanged));

        var kept = Assert.Single(await Store.ListChangesAsync(Exchanged, ChangeState.Quarantined, 0, 10, Token));
        Assert.Equal(("local_value", "size"), (kept.Code, kept.Constraint));
    }

    [Fact]
    public async Task Apply_RowThatTheTableRefuses_IsParkedUnderItsRemoteKey()
    {
        await Store.PrepareAsync(Exchanged, Token);
        Execute("CREATE UNIQUE INDEX u ON tasks (size)");
        await StartAsync(Exchanged, Task(1, "same"), Task(2, "same"));

        var parked = Assert.Single(await Store.ListParkedAsync(Exchanged, 0, 10, Token));
        Assert.Equal(("""{"id":2}""", "tasks.size"), (parked.Key, parked.Constraint));
        await ApplyAsync(Exchanged, Task(1, "other", 2));
        Assert.Equal(0, await Store.CountParkedAsync(Exchanged, Token));
    }

    [Fact]
    public async Task Apply_Tombstones_RemoveTheRowAndTellItsChange()
    {
        var dataset = Exchanged.Sequenced();
        await StartAsync(dataset, Sequenced(1), Sequenced(2));
        Execute("UPDATE tasks SET size = 'mine' WHERE Number = 2");
        var gone = dataset.Tombstones("agent_sync", "tasks");
        using var page = PageOf(gone, """{"id":1,"sync_seq":9}""", """{"id":2,"sync_seq":9}""");

        var result = await Store.ApplyAsync(new ApplyBatch(gone, [page], null, null) { AreTombstones = true }, Token);

        Assert.Equal((1L, 2L), (result.Deleted, Scalar("SELECT Number FROM tasks")));
        Assert.Equal(1L, CountChanges("has_server = 2"));

        static string Sequenced(long id) => Task(id, "one").Replace("\"size\"", "\"sync_seq\":5,\"size\"", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepare_ColumnGivenAnotherLocalName_IsReadAgainAndItsEditsAreKept()
    {
        await StartAsync(Tasks, Task(1, "one", size: 1), Task(2, "two", size: 2));
        Execute("UPDATE tasks SET title = 'mine' WHERE id = 1; UPDATE tasks SET size = 9 WHERE id = 2");
        var renamed = With(title: "Caption");

        var state = await Store.PrepareAsync(renamed, Token);

        Assert.NotNull(state.Reread);
        var kept = Assert.Single(await Store.ListChangesAsync(renamed, ChangeState.Quarantined, 0, 10, Token));
        Assert.Equal(("column_gone", "title", """{"id":1}"""), (kept.Code, kept.Constraint, kept.Key));
        Assert.Equal(["""Update {"id":2} 1 {"size":9}"""], await TakeTextsAsync(renamed));
    }

    [Fact]
    public async Task Prepare_ColumnRenamedInTheTableToo_SendsItsEditUnderTheSameRemoteNameOnceItIsRetried()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("UPDATE tasks SET title = 'mine'; ALTER TABLE tasks RENAME COLUMN title TO Caption");
        var renamed = With(title: "Caption");

        await Store.PrepareAsync(renamed, Token);

        Assert.Empty(await TakeTextsAsync(renamed));
        await Store.RetryChangesAsync(renamed, null, Token);
        Assert.Equal(["""Update {"id":1} 1 {"title":"mine"}"""], await TakeTextsAsync(renamed));
    }

    [Fact]
    public async Task Prepare_TwoColumnsThatExchangeTheirLocalNames_SendNoEditToTheOtherOne()
    {
        var texts = Dataset.Define("tasks").Key("id", ColumnType.Integer).Column("title", ColumnType.Text).Column("note", ColumnType.Text).UpdatedAt("updated_at").Version("version").Build();
        var exchanged = Dataset.Define("tasks").Key("id", ColumnType.Integer).Column("title", ColumnType.Text, "note").Column("note", ColumnType.Text, "title").UpdatedAt("updated_at").Version("version").Build();
        await StartAsync(texts, Row(1), Row(2));
        Execute("UPDATE tasks SET title = 'mine' WHERE id = 1");

        var state = await Store.PrepareAsync(exchanged, Token);

        Assert.NotNull(state.Reread);
        Assert.Empty(await TakeTextsAsync(exchanged, wholeRows: true));
        Assert.Equal("column_gone", Assert.Single(await Store.ListChangesAsync(exchanged, null, 0, 10, Token)).Code);

        // What nobody typed is no edit: the values of the other column are replaced by the server's.
        using var page = PageOf(exchanged, Row(1), Row(2));
        await Store.ApplyAsync(new ApplyBatch(exchanged, [page], null, 1), Token);
        await Store.SwapGenerationAsync(new GenerationSwap(exchanged, 1, 1, null), Token);
        Assert.Equal("nt", Scalar("SELECT title || note FROM tasks WHERE id = 2"));

        static string Row(int id) => $$"""{"id":{{id}},"title":"t","note":"n","updated_at":"2026-01-01T00:00:00+00:00","version":1}""";
    }

    [Fact]
    public async Task Prepare_LostTriggersAndAnotherRemoteColumn_TakesWhatTheOtherOneLeftForNoEdit()
    {
        var before = Dataset.Define("tasks").Key("id", ColumnType.Integer).Column("old_title", ColumnType.Text, "title").Column("size", ColumnType.Integer)
            .UpdatedAt("updated_at").Version("version").DeletedAt("deleted_at").Build();
        await StartAsync(before, Task(1, "old").Replace("\"title\"", "\"old_title\"", StringComparison.Ordinal));
        Execute("DROP TRIGGER agent_sync_au_tasks");
        await Store.PrepareAsync(Tasks, Token);
        var reconciliation = new Reconciliation(static (_, _) => true);

        using var page = PageOf(Tasks, Task(1, "new"));
        await Store.ApplyAsync(new ApplyBatch(Tasks, [page], null, 1) { Reconciliation = reconciliation }, Token);
        await Store.SwapGenerationAsync(new GenerationSwap(Tasks, 1, 1, null) { Reconciliation = reconciliation }, Token);

        Assert.Equal("1=new", Rows());
        Assert.Equal(0, CountChanges());
    }

    [Fact]
    public async Task Prepare_LocalNameOfAnotherCase_IsTheSameColumn()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("UPDATE tasks SET title = 'mine'");
        var other = With(title: "TITLE");

        Assert.Null((await Store.PrepareAsync(other, Token)).Reread);
        Assert.Equal(["""Update {"id":1} 1 {"title":"mine"}"""], await TakeTextsAsync(other));
    }

    [Fact]
    public async Task Prepare_AnotherLocalNameOfTheKey_IsRefusedWhileEditsWait()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("UPDATE tasks SET title = 'mine'; ALTER TABLE tasks RENAME COLUMN id TO Number");
        var renamed = Dataset.Define("tasks").Key("id", ColumnType.Integer, "Number").Column("title", ColumnType.Text).Column("size", ColumnType.Integer)
            .UpdatedAt("updated_at").Version("version").DeletedAt("deleted_at").Build();

        var refusal = await Assert.ThrowsAsync<SyncSchemaException>(async () => await Store.PrepareAsync(renamed, Token));

        Assert.Equal(SyncErrorKind.LocalSchema, refusal.Kind);
    }

    [Fact]
    public async Task Prepare_ColumnOfAnotherType_NamesTheLocalColumn()
    {
        Execute("CREATE TABLE tasks (Number INTEGER NOT NULL PRIMARY KEY, size INTEGER)");

        var refusal = await Assert.ThrowsAsync<SyncSchemaException>(async () => await Store.PrepareAsync(Exchanged, Token));

        Assert.Contains("Column 'size' of the local table 'tasks' is declared 'INTEGER', but the dataset declares it Text", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_FileWithoutRemoteNames_KeepsItsColumnsAndEdits()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("UPDATE tasks SET title = 'mine'");
        Store.Dispose();
        Execute("ALTER TABLE agent_sync_column DROP COLUMN remote; UPDATE agent_sync_meta SET value = 5 WHERE name = 'schema_version'");
        using var store = OpenStore();

        Assert.Null((await store.PrepareAsync(Tasks, Token)).Reread);
        Assert.Equal(["""Update {"id":1} 1 {"title":"mine"}"""], await TakeTextsAsync(store: store));
    }

    private static Dataset With(string title) => Dataset.Define("tasks").Key("id", ColumnType.Integer).Column("title", ColumnType.Text, title).Column("size", ColumnType.Integer)
        .UpdatedAt("updated_at").Version("version").DeletedAt("deleted_at").Build();
}
