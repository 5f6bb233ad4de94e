using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>A change that was refused, or is about to be: what pulls, edits, retry and discard make of it.</summary>
public sealed class RejectedChangeTests : OutboxTest
{
    [Fact]
    public async Task Insert_OverAQuarantinedDelete_SupersedesIt()
    {
        await RejectedAsync("DELETE FROM tasks");
        Execute("INSERT INTO tasks (id, title) VALUES (1, 'back')");

        Assert.Equal(["""Update {"id":1} 1 {"title":"back"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Update_OfAnotherRowsKeyToAQuarantinedDeletes_SupersedesIt()
    {
        await RejectedAsync("DELETE FROM tasks WHERE id = 1");
        await ApplyAsync(Tasks, Task(2, "two"));
        Execute("UPDATE tasks SET id = 1 WHERE id = 2");

        Assert.Equal(["""Update {"id":1} 1 {"title":"two"}""", """Delete {"id":2} 1"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Delete_OfAQuarantinedRow_SupersedesIt()
    {
        await RejectedAsync();
        Execute("DELETE FROM tasks");

        Assert.Equal(["""Delete {"id":1} 1"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task InsertElsewhere_WithAUniqueIndex_LeavesAQuarantinedDelete()
    {
        await RejectedAsync("DELETE FROM tasks");
        Execute("CREATE UNIQUE INDEX u ON tasks (title)");
        await Store.PrepareAsync(Tasks, Token);
        Execute("INSERT INTO tasks (id, title) VALUES (2, 'two')");

        Assert.Equal(new ChangeCounts(1, 1), await Store.CountChangesAsync(Tasks, Token));
    }

    [Fact]
    public async Task Reject_WithNothingBehind_KeepsTheOtherColumns()
    {
        await RejectedAsync(seed: Task(1, "one", size: 10));

        Assert.Equal(10L, Scalar("SELECT size FROM tasks"));
    }

    [Fact]
    public async Task Reject_OfAnInsertAfterAPull_StaysAnInsert()
    {
        await StartAsync(Tasks);
        Execute("INSERT INTO tasks (id, title) VALUES (1, 'mine')");
        var change = (await TakeAsync()).Single().Id;
        await ApplyAsync(Tasks, Task(1, "theirs", 2));
        await SettleAsync(change, SettlementKind.Reject, code: "23514");
        await Store.RetryChangesAsync(Tasks, null, Token);

        Assert.Equal(["""Insert {"id":1} {"id":1,"title":"mine"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Reject_BetweenTwoPulls_DiscardTakesTheLatter()
    {
        var change = await FlyAsync();
        await ApplyAsync(Tasks, Task(1, "server", 2));
        await SettleAsync(change, SettlementKind.Reject, code: "23514");
        await ApplyAsync(Tasks, Task(1, "newest", 3));
        await Store.DiscardChangesAsync(Tasks, null, Token);

        Assert.Equal("1=newest", Rows());
    }

    [Fact]
    public async Task KeepLocal_AfterAPull_ForgetsWhatThePullBrought()
    {
        var change = await FlyAsync();
        await ApplyAsync(Tasks, Task(1, "theirs", 2));
        await SettleAsync(change, SettlementKind.KeepLocal, Task(1, "theirs", 9));
        var again = (await TakeAsync()).Single().Id;
        await SettleAsync(again, SettlementKind.Acknowledge);

        Assert.Equal("1=x", Rows());
    }

    [Fact]
    public async Task KeepLocal_OnNoneAfterAPull_ForgetsWhatThePullBrought()
    {
        var change = await FlyAsync();
        await ApplyAsync(Tasks, Task(1, "theirs", 2));
        await SettleAsync(change, SettlementKind.KeepLocal);
        var again = (await TakeAsync()).Single().Id;
        await SettleAsync(again, SettlementKind.Acknowledge);

        Assert.Equal("1=x", Rows());
    }

    [Fact]
    public async Task Apply_OverAQuarantinedInsert_IsKeptBesideIt()
    {
        await StartAsync(Tasks);
        Execute("INSERT INTO tasks (id, title) VALUES (1, 'mine')");
        await SettleAsync((await TakeAsync()).Single().Id, SettlementKind.Reject, code: "23505");
        await ApplyAsync(Tasks, Task(1, "theirs", 2));
        await Store.RetryChangesAsync(Tasks, null, Token);

        Assert.Equal(["""Insert {"id":1} {"id":1,"title":"mine"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Apply_OlderOverAQuarantinedChange_KeepsItsBase()
    {
        await RejectedAsync();
        await ApplyAsync(Tasks, Task(1, "newer", 3));
        await ApplyAsync(Tasks, Task(1, "older", 2));
        await Store.RetryChangesAsync(Tasks, null, Token);

        Assert.Equal(["""Update {"id":1} 3 {"title":"x"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Discard_AfterADeletionOverAQuarantinedChange_RemovesTheRow()
    {
        await RejectedAsync();
        await ApplyAsync(Tasks, Task(1, "server", 2, isDeleted: true));
        await Store.DiscardChangesAsync(Tasks, null, Token);

        Assert.Equal(string.Empty, Rows());
    }

    [Fact]
    public async Task Discard_RejectedChange_KeepsTheAppsOwnColumns()
    {
        var change = await FlyAsync();
        Execute("ALTER TABLE tasks ADD COLUMN pinned INTEGER; UPDATE tasks SET pinned = 1");
        await SettleAsync(change, SettlementKind.Reject, code: "23514");
        await Store.DiscardChangesAsync(Tasks, null, Token);

        Assert.Equal(("1=one", 1L), (Rows(), Scalar("SELECT pinned FROM tasks")));
    }

    [Fact]
    public async Task Apply_OverAQuarantinedEditOfCaseAlone_KeepsTheEdit()
    {
        Execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT COLLATE NOCASE, size INTEGER, updated_at TEXT, version INTEGER, deleted_at TEXT)");
        await RejectedAsync("UPDATE tasks SET title = 'ONE'");
        await ApplyAsync(Tasks, Task(1, "server", 2));
        await Store.RetryChangesAsync(Tasks, null, Token);

        Assert.Equal(["""Update {"id":1} 2 {"title":"ONE"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Retry_BesideAChangeInFlight_LeavesThatOneToItsAnswer()
    {
        await RejectedAsync();
        Execute("INSERT INTO tasks (id, title) VALUES (2, 'two')");
        var flying = (await TakeAsync()).Single();

        Assert.Equal(1, await Store.RetryChangesAsync(Tasks, null, Token));

        await SettleAsync(flying.Id, SettlementKind.Acknowledge, Task(2, "two"));
        Assert.Equal(["""Update {"id":1} 1 {"title":"x"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Settle_RejectedChangeAgain_ChangesNothing()
    {
        var change = await RejectedAsync();

        await SettleAsync(change, SettlementKind.TakeServer, Task(1, "server", 2));

        Assert.Equal(("1=x", new ChangeCounts(0, 1)), (Rows(), await Store.CountChangesAsync(Tasks, Token)));
    }

    [Fact]
    public async Task Retry_RejectedChange_ClearsTheReasons()
    {
        await RejectedAsync();
        await Store.RetryChangesAsync(Tasks, null, Token);
        var change = Assert.Single(await Store.ListChangesAsync(Tasks, null, 0, 10, Token));

        Assert.Null(change.RejectedAt);
    }

    private async Task<long> FlyAsync(string sql = "UPDATE tasks SET title = 'x'", string? seed = null)
    {
        await StartAsync(Tasks, seed ?? Task(1, "one"));
        Execute(sql);
        return (await TakeAsync()).Single().Id;
    }

    private async Task<long> RejectedAsync(string sql = "UPDATE tasks SET title = 'x'", string? seed = null)
    {
        var change = await FlyAsync(sql, seed);
        await SettleAsync(change, SettlementKind.Reject, code: "23514");
        return change;
    }
}
