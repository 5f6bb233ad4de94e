using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>What differs without a trigger having seen it is no part of a recorded edit of the same row.</summary>
public sealed class UnmarkedEditTests : OutboxTest
{
    private const string Unguarded = """Update {"id":1} 1 {"title":"mine","size":7}""";

    private static readonly Reconciliation Few = new(static (_, _) => true);

    private static readonly Reconciliation TooMany = Few with { MaxEdits = 0 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prepare_ColumnRebuiltUnderAnEditThatIsNotInFlight_HoldsTheEditUntilTheSwap(bool isQuarantined)
    {
        await StartEditedAsync();
        if (isQuarantined)
        {
            await SettleAsync((await TakeAsync())[0].Id, SettlementKind.Reject, code: "23514");
        }

        await RebuildAsync();

        Assert.Empty(await TakeTextsAsync());
        Assert.Equal(2, await ResyncAsync(TooMany));
        Assert.Empty(await TakeTextsAsync());
        await AssertHeldAsync(2);
        Assert.Equal(["mine 7", "two 7", "three 33"], Local());
        await Store.RetryChangesAsync(Tasks, null, Token);
        Assert.Equal([Unguarded, """Update {"id":2} 1 {"size":7}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Swap_FewUnmarkedEdits_AreSentWithTheRecordedOne()
    {
        await StartEditedAsync();
        await RebuildAsync();

        Assert.Equal(0, await ResyncAsync(Few));

        Assert.Equal([Unguarded, """Update {"id":2} 1 {"size":7}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Discard_HeldEdit_BringsTheServersRow()
    {
        await StartEditedAsync();
        await RebuildAsync();
        await ResyncAsync(TooMany);

        await Store.DiscardChangesAsync(Tasks, null, Token);

        Assert.Equal(["one 11", "two 22", "three 33"], Local());
    }

    [Fact]
    public async Task Prepare_ColumnRebuiltUnderAChangeInFlight_SendsWhatWasSentAndHoldsTheRest()
    {
        await StartEditedAsync();
        var flying = (await TakeAsync())[0];
        await RebuildAsync();

        var again = Assert.Single(await TakeAsync());
        Assert.Equal((flying.Id, flying.Operation, """Update {"id":1} 1 {"title":"mine"}"""), (again.Id, again.Operation, again.Text));
        await SettleAsync(again.Id, SettlementKind.Acknowledge, Task(1, "mine", 2, 11));
        Assert.Empty(await TakeTextsAsync());
        Assert.Equal(2, await ResyncAsync(TooMany, Task(1, "mine", 2, 11)));

        await AssertHeldAsync(2);
        Assert.Equal(["mine 7", "two 7", "three 33"], Local());
    }

    [Theory]
    [InlineData(SettlementKind.Return)]
    [InlineData(SettlementKind.Reject)]
    [InlineData(SettlementKind.KeepLocal)]
    public async Task Settle_ChangeThatWaitsAgainWithAHeldEditBehind_IsHeldWhole(SettlementKind kind)
    {
        await StartEditedAsync();
        var flying = (await TakeAsync())[0];
        await RebuildAsync();

        await SettleAsync(flying.Id, kind, kind == SettlementKind.KeepLocal ? Task(1, "theirs", 2, 11) : null, code: kind == SettlementKind.Reject ? "23514" : null);

        Assert.Empty(await TakeTextsAsync());
        Assert.Equal(2, await ResyncAsync(TooMany, Task(1, "one", 1, 11)));
        await AssertHeldAsync(2);
    }

    [Fact]
    public async Task Prepare_ColumnRebuiltUnderAnEditBehindOneInFlight_HoldsTheEditBehind()
    {
        await StartEditedAsync();
        var flying = (await TakeAsync())[0];
        Execute("UPDATE tasks SET title = 'again' WHERE id = 1");
        await RebuildAsync();

        Assert.Equal("""Update {"id":1} 1 {"title":"mine"}""", Assert.Single(await TakeTextsAsync()));
        await SettleAsync(flying.Id, SettlementKind.Acknowledge, Task(1, "mine", 2, 11));
        Assert.Empty(await TakeTextsAsync());
        Assert.Equal(2, await ResyncAsync(TooMany, Task(1, "mine", 2, 11)));

        Assert.Equal(["again 7", "two 7", "three 33"], Local());
    }

    [Fact]
    public async Task Prepare_ColumnRebuiltUnderAnInsertInFlight_SendsWhatWasSent()
    {
        await StartAsync(Tasks, Task(2, "two", size: 22), Task(3, "three", size: 33));
        Execute("INSERT INTO tasks (id, title) VALUES (1, 'new')");
        var flying = (await TakeAsync())[0];
        await RebuildAsync();

        Assert.Equal(flying.Text, Assert.Single(await TakeTextsAsync()));
        await SettleAsync(flying.Id, SettlementKind.Acknowledge, Task(1, "new", 1, 11));
        Assert.Equal(2, await ResyncAsync(TooMany, Task(1, "new", 1, 11)));

        await AssertHeldAsync(2);
    }

    [Fact]
    public async Task Prepare_SeveralColumnsRebuilt_HoldsOnceAndSendsWhatWasTyped()
    {
        await StartAsync(Tasks, Task(1, "one", size: 11), Task(2, "two", size: 22), Task(3, "three", size: 33));
        Execute("UPDATE tasks SET size = 5 WHERE id = 3; DELETE FROM tasks WHERE id = 2; INSERT INTO tasks (id, title) VALUES (2, 'two'); UPDATE tasks SET size = 6 WHERE id = 1");
        Execute("DROP TRIGGER agent_sync_au_tasks; UPDATE tasks SET title = 'd' WHERE id = 1");

        await Store.PrepareAsync(Tasks, Token);

        // Row 2 was made anew without its size, which is an edit that was recorded.
        Assert.Equal(["""Update {"id":3} 1 {"size":5}""", """Update {"id":2} 1 {"size":null}"""], await TakeTextsAsync());
        await AssertHeldAsync(1);
    }

    private async Task StartEditedAsync()
    {
        await StartAsync(Tasks, Task(1, "one", size: 11), Task(2, "two", size: 22), Task(3, "three", size: 33));
        Execute("UPDATE tasks SET title = 'mine' WHERE id = 1");
    }

    /// <summary>Rebuilds the table without the size, makes that again with a default, and gives one row a value there: so it is not empty in every row.</summary>
    private async Task RebuildAsync()
    {
        Execute("CREATE TABLE ef_temp_tasks (id INTEGER NOT NULL PRIMARY KEY, title TEXT, updated_at TEXT, version INTEGER, deleted_at TEXT); INSERT INTO ef_temp_tasks SELECT id, title, updated_at, version, deleted_at FROM tasks; DROP TABLE tasks; ALTER TABLE ef_temp_tasks RENAME TO tasks");
        Execute("ALTER TABLE tasks ADD COLUMN size INTEGER DEFAULT 7; UPDATE tasks SET size = 33 WHERE id = 3");
        Assert.True((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
    }

    private async Task<long> ResyncAsync(Reconciliation reconciliation, string? first = null)
    {
        using var page = PageOf(Tasks, first ?? Task(1, "one", size: 11), Task(2, "two", size: 22), Task(3, "three", size: 33));
        await Store.ApplyAsync(new ApplyBatch(Tasks, [page], null, 1) { Reconciliation = reconciliation }, Token);
        return (await Store.SwapGenerationAsync(new GenerationSwap(Tasks, 1, 1, null) { Reconciliation = reconciliation }, Token)).Held;
    }

    private async Task AssertHeldAsync(int count)
    {
        var held = await Store.ListChangesAsync(Tasks, ChangeState.Quarantined, 0, 10, Token);
        Assert.Equal(Enumerable.Repeat(ChangeCodes.Unrecorded, count), held.Select(static change => change.Code));
    }

    private string[] Local() => ((string)Scalar("SELECT group_concat(title || ' ' || size, ',') FROM (SELECT * FROM tasks ORDER BY id)")!).Split(',');
}
