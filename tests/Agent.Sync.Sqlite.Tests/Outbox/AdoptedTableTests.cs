using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>A table that the app filled before the first run: nothing a person typed there is lost.</summary>
public sealed class AdoptedTableTests : OutboxTest
{
    private const string Full = "CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT, size INTEGER, updated_at TEXT, version INTEGER, deleted_at TEXT)";
    private const string Bare = "CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT, size INTEGER)";

    [Fact]
    public async Task Prepare_RowOfTheAppsOwn_IsAnInsert()
    {
        Execute($"{Full}; INSERT INTO tasks (id, title) VALUES (1, 'typed')");
        Assert.False((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);

        Assert.Equal(["""Insert {"id":1} {"id":1,"title":"typed"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Prepare_RowOfTheAppsOwnBesideCopiesOfTheServers_IsTheOnlyInsert()
    {
        Execute($"{Full}; INSERT INTO tasks (id, title, updated_at, version) VALUES (1, 'copy', '2026-01-01 00:00:00.000001+00:00', 1); INSERT INTO tasks (id, title) VALUES (2, 'typed')");
        await Store.PrepareAsync(Tasks, Token);

        Assert.Equal(["""Insert {"id":2} {"id":2,"title":"typed"}"""], await TakeTextsAsync());
        await ApplyAsync(Tasks, Task(1, "newer", 2));
        Assert.Equal("1=newer,2=typed", Rows());
    }

    [Theory]
    [InlineData("NULL", true)]
    [InlineData("'0001-01-01 00:00:00+00:00'", true)]
    [InlineData("'2026-01-01 00:00:00.000001+00:00'", false)]
    public async Task Prepare_TableWithoutTheKitsSequence_TellsTheAppsOwnRowsByTheUpdateTime(string updatedAt, bool isOwn)
    {
        var dataset = Tasks.Sequenced();
        Execute($"{Full}; INSERT INTO tasks (id, title, updated_at, version) VALUES (1, 'typed', {updatedAt}, 0), (2, 'too', NULL, 0)");

        Assert.Equal(!isOwn, (await Store.PrepareAsync(dataset, Token)).HasUnrecordedChanges);

        var sent = isOwn ? new[] { """Insert {"id":1} {"id":1,"title":"typed"}""", """Insert {"id":2} {"id":2,"title":"too"}""" } : [];
        Assert.Equal(sent, await TakeTextsAsync(dataset));
    }

    [Fact]
    public async Task Prepare_DefaultsInTheServersColumns_AreNoTraceOfIt()
    {
        Execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT, size INTEGER, updated_at TEXT DEFAULT '', version INTEGER DEFAULT 1, deleted_at TEXT); INSERT INTO tasks (id, title) VALUES (1, 'typed')");
        await Store.PrepareAsync(Tasks, Token);

        Assert.Equal(["""Insert {"id":1} {"id":1,"title":"typed"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Prepare_Again_RecordsNothingTwice()
    {
        Execute($"{Full}; INSERT INTO tasks (id, title) VALUES (1, 'typed')");
        await Store.PrepareAsync(Tasks, Token);
        await SettleAsync((await TakeAsync()).Single().Id, SettlementKind.Acknowledge);
        await Store.PrepareAsync(Tasks, Token);

        Assert.Empty(await TakeTextsAsync());
    }

    [Fact]
    public async Task Prepare_TableWithoutTheServersColumns_IsComparedAndLosesNothing()
    {
        Execute($"{Bare}; INSERT INTO tasks (id, title) VALUES (1, 'same'), (2, 'other'), (3, 'typed')");
        Assert.True((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
        Assert.Empty(await TakeTextsAsync());

        var reconciliation = new Reconciliation(static (_, _) => false);
        using (var page = PageOf(Tasks, Task(1, "same", 5), Task(2, "server", 5)))
        {
            await Store.ApplyAsync(new ApplyBatch(Tasks, [page], null, 1) { Reconciliation = reconciliation }, Token);
        }

        await Store.SwapGenerationAsync(new GenerationSwap(Tasks, 1, 1, null) { Reconciliation = reconciliation }, Token);

        Assert.Equal("1=same,2=other,3=typed", Rows());
        Assert.Equal(5L, Scalar("SELECT version FROM tasks WHERE id = 1"));
        var kept = await Store.ListChangesAsync(Tasks, ChangeState.Quarantined, 0, 10, Token);
        Assert.Equal([ChangeCodes.Unrecorded, ChangeCodes.Unrecorded], kept.Select(static change => change.Code));
    }

    [Fact]
    public async Task Prepare_ColumnLeavesTheDatasetWhileARowOfTheAppsOwnWaits_KeepsItsValue()
    {
        var narrow = Dataset.Define("tasks").Key("id", ColumnType.Integer).Column("title", ColumnType.Text).UpdatedAt("updated_at").Version("version").DeletedAt("deleted_at").Build();
        Execute($"{Full}; INSERT INTO tasks (id, title, size) VALUES (1, 'sized', 5), (2, 'plain', NULL)");
        await Store.PrepareAsync(Tasks, Token);

        await Store.PrepareAsync(narrow, Token);

        Assert.Equal(["""Insert {"id":2} {"id":2,"title":"plain"}"""], await TakeTextsAsync(narrow));
        var kept = Assert.Single(await Store.ListChangesAsync(narrow, ChangeState.Quarantined, 0, 10, Token));
        Assert.Equal(("column_gone", "size"), (kept.Code, kept.Constraint));
    }

    [Fact]
    public async Task Prepare_EmptyTableOfTheApps_IsAsANewOne()
    {
        Execute(Bare);
        Assert.False((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
        await ApplyAsync(Tasks, Task(1, "server"));

        Assert.Equal("1=server", Rows());
        Assert.Empty(await TakeTextsAsync());
    }
}
