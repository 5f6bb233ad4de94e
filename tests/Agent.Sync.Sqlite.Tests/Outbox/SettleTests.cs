using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Outbox;

public sealed class SettleTests : OutboxTest
{
    [Fact]
    public async Task Acknowledge_WithTheServersRow_TakesIt()
    {
        var change = await FlyAsync();

        await SettleAsync(change, SettlementKind.Acknowledge, Task(1, "x by the server", 2));
        var echo = await ApplyAsync(Tasks, Task(1, "x by the server", 2));

        Assert.Equal(("1=x by the server", 0L, new ApplyResult(0, 1, 0)), (Rows(), CountChanges(), echo));
    }

    [Fact]
    public async Task Acknowledge_Twice_ChangesNothing()
    {
        var change = await FlyAsync();
        await SettleAsync(change, SettlementKind.Acknowledge, Task(1, "x", 2));

        await SettleAsync(change, SettlementKind.TakeServer);

        Assert.Equal(("1=x", 0L), (Rows(), CountChanges()));
    }

    [Fact]
    public async Task Acknowledge_WithoutARow_KeepsWhatWasSent()
    {
        var change = await FlyAsync();

        await SettleAsync(change, SettlementKind.Acknowledge);

        Assert.Equal(("1=x", 0L), (Rows(), CountChanges()));
    }

    [Fact]
    public async Task Acknowledge_WithoutARowAndAnEditBehind_MakesWhatWasSentItsBase()
    {
        var change = await FlyAsync();
        Execute("UPDATE tasks SET size = 5");

        await SettleAsync(change, SettlementKind.Acknowledge);

        Assert.Equal(["""Update {"id":1} 1 {"size":5}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Acknowledge_WithoutARowAfterAPull_TakesWhatThePullBrought()
    {
        var change = await FlyAsync();
        await ApplyAsync(Tasks, Task(1, "x by the server", 2));
        Assert.Equal("1=x", Rows());

        await SettleAsync(change, SettlementKind.Acknowledge);

        Assert.Equal(("1=x by the server", 0L), (Rows(), CountChanges()));
    }

    [Fact]
    public async Task Acknowledge_WithValuesOfTheServerAndAnEditBehind_SendsTheEditAlone()
    {
        await StartAsync(Tasks);
        Execute("INSERT INTO tasks (id, title) VALUES (1, 'mine')");
        var change = (await TakeAsync()).Single();
        Execute("UPDATE tasks SET title = 'better'");

        await SettleAsync(change.Id, SettlementKind.Acknowledge, Task(1, "mine", 4, size: 7));

        Assert.Equal(["""Update {"id":1} 4 {"title":"better"}"""], await TakeTextsAsync());
        Assert.Equal(7L, Scalar("SELECT size FROM tasks"));
    }

    [Fact]
    public async Task Acknowledge_WithoutARowAfterAPullWithAnEditBehind_SendsTheEditAlone()
    {
        var change = await FlyAsync();
        Execute("UPDATE tasks SET title = 'better'");
        await ApplyAsync(Tasks, Task(1, "x", 2, size: 7));

        await SettleAsync(change, SettlementKind.Acknowledge);

        Assert.Equal(["""Update {"id":1} 2 {"title":"better"}"""], await TakeTextsAsync());
        Assert.Equal(7L, Scalar("SELECT size FROM tasks"));
    }

    [Fact]
    public async Task Acknowledge_Delete_LeavesNothing()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("DELETE FROM tasks");
        var change = (await TakeAsync()).Single();

        await SettleAsync(change.Id, SettlementKind.Acknowledge);

        Assert.Equal((string.Empty, 0L), (Rows(), CountChanges()));
    }

    [Fact]
    public async Task Acknowledge_DeleteWithAnInsertBehind_LeavesAnInsert()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("DELETE FROM tasks");
        var change = (await TakeAsync()).Single();
        Execute("INSERT INTO tasks (id, title) VALUES (1, 'back')");

        await SettleAsync(change.Id, SettlementKind.Acknowledge);

        Assert.Equal(["""Insert {"id":1} {"id":1,"title":"back"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Acknowledge_InsertWithADeleteBehind_LeavesADelete()
    {
        await StartAsync(Tasks);
        Execute("INSERT INTO tasks (id, title) VALUES (1, 'mine')");
        var change = (await TakeAsync()).Single();
        Execute("DELETE FROM tasks");

        await SettleAsync(change.Id, SettlementKind.Acknowledge, Task(1, "mine", 4));

        Assert.Equal(["""Delete {"id":1} 4"""], await TakeTextsAsync());
    }

    [Theory]
    [InlineData(true, "1=server")]
    [InlineData(false, "")]
    public async Task TakeServer_WithOrWithoutARow_ReplacesTheLocalOne(bool exists, string expected)
    {
        var change = await FlyAsync();

        await SettleAsync(change, SettlementKind.TakeServer, exists ? Task(1, "server", 2) : null);

        Assert.Equal((expected, 0L), (Rows(), CountChanges()));
    }

    [Fact]
    public async Task TakeServer_WithASoftDeletedRow_RemovesTheRow()
    {
        var change = await FlyAsync();

        await SettleAsync(change, SettlementKind.TakeServer, Task(1, "server", 2, isDeleted: true));

        Assert.Equal((string.Empty, 0L), (Rows(), CountChanges()));
    }

    [Fact]
    public async Task TakeServer_WithAnEditBehind_KeepsTheEdit()
    {
        var change = await FlyAsync();
        Execute("UPDATE tasks SET size = 5");

        await SettleAsync(change, SettlementKind.TakeServer, Task(1, "server", 2));

        Assert.Equal("1=server", Rows());
        Assert.Equal(["""Update {"id":1} 2 {"size":5}"""], await TakeTextsAsync());
    }

    [Theory]
    [InlineData(true, """Update {"id":1} 9 {"title":"x"}""")]
    [InlineData(false, """Insert {"id":1} {"id":1,"title":"x"}""")]
    public async Task KeepLocal_WithOrWithoutARow_WaitsAgainOnIt(bool exists, string expected)
    {
        var change = await FlyAsync();

        await SettleAsync(change, SettlementKind.KeepLocal, exists ? Task(1, "server", 9) : null);

        Assert.Equal([expected], await TakeTextsAsync());
    }

    [Fact]
    public async Task KeepLocal_WithAnEditBehind_IsOneChange()
    {
        var change = await FlyAsync();
        Execute("UPDATE tasks SET size = 5");

        await SettleAsync(change, SettlementKind.KeepLocal, Task(1, "server", 9));
        var taken = (await TakeAsync()).Single();

        Assert.Equal(("""Update {"id":1} 9 {"title":"x","size":5}""", change), (taken.Text, taken.Id));
    }

    [Fact]
    public async Task TakeMerged_WithARow_WaitsAgainWithIt()
    {
        var change = await FlyAsync();

        await SettleAsync(change, SettlementKind.TakeMerged, Task(1, "server", 9), Task(1, "both", 9));

        Assert.Equal(["""Update {"id":1} 9 {"title":"both"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task TakeMerged_WithoutARow_IsADelete()
    {
        var change = await FlyAsync();

        await SettleAsync(change, SettlementKind.TakeMerged, Task(1, "server", 9));

        Assert.Equal(["""Delete {"id":1} 9"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task TakeMerged_WithAnEditBehind_KeepsTheEdit()
    {
        var change = await FlyAsync();
        Execute("UPDATE tasks SET title = 'z'");

        await SettleAsync(change, SettlementKind.TakeMerged, Task(1, "server", 9), Task(1, "both", 9));

        Assert.Equal(["""Update {"id":1} 9 {"title":"z"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Reject_WithNothingBehind_GoesIntoQuarantine()
    {
        var change = await FlyAsync();

        await SettleAsync(change, SettlementKind.Reject, code: "23514");

        var listed = (await Store.ListChangesAsync(Tasks, ChangeState.Quarantined, 0, 10, Token)).Single();
        Assert.Equal((change, "23514", Noon, ChangeKind.Update, """{"id":1}"""), (listed.Id, listed.Code, listed.RejectedAt, listed.Kind, listed.Key));
        Assert.Equal(new ChangeCounts(0, 1), await Store.CountChangesAsync(Tasks, Token));
        Assert.Equal("1=x", Rows());
        Assert.Empty(await TakeTextsAsync());
    }

    [Fact]
    public async Task Reject_AfterAPull_KeepsTheEditOnTheServersRow()
    {
        var change = await FlyAsync();
        await ApplyAsync(Tasks, Task(1, "server", 2, size: 7));

        await SettleAsync(change, SettlementKind.Reject, code: "23514");
        Execute("UPDATE tasks SET title = 'better'");

        Assert.Equal(["""Update {"id":1} 2 {"title":"better"}"""], await TakeTextsAsync());
        Assert.Equal(7L, Scalar("SELECT size FROM tasks"));
    }

    [Fact]
    public async Task Reject_WithAnEditBehind_IsSupersededByIt()
    {
        var change = await FlyAsync();
        Execute("UPDATE tasks SET title = 'better'");

        await SettleAsync(change, SettlementKind.Reject, code: "23514");

        Assert.Equal(["""Update {"id":1} 1 {"title":"better"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Return_WithAnEditBehind_IsOneChange()
    {
        var change = await FlyAsync();
        Execute("UPDATE tasks SET size = 5");

        await SettleAsync(change, SettlementKind.Return);

        Assert.Equal(["""Update {"id":1} 1 {"title":"x","size":5}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Settle_WithALostLease_ChangesNothing()
    {
        var change = await FlyAsync();
        var old = await LeaseAsync(Tasks);
        await LeaseAsync(Tasks);

        var exception = await Assert.ThrowsAsync<SyncStoreException>(() =>
            SettleAsync(Tasks, change, SettlementKind.Acknowledge, Task(1, "x", 2), lease: old));

        Assert.Equal((SyncErrorKind.LeaseLost, 1L), (exception.Kind, CountChanges("state = 1")));
    }

    [Fact]
    public async Task ReadImages_OfAChangeInFlight_AreTheRowsBeforeAndAfter()
    {
        var change = await FlyAsync();
        Execute("UPDATE tasks SET title = 'later'");

        var images = await Store.ReadRowsAsync(Tasks, change, Token);

        Assert.Equal(Task(1, "one"), System.Text.Encoding.UTF8.GetString(images.Server.Span));
        Assert.Equal(Task(1, "x"), System.Text.Encoding.UTF8.GetString(images.Local.Span));
    }

    [Fact]
    public async Task Acknowledge_WithoutARowNorNewsWithAnEditBehindAfterATombstone_KeepsTheOtherColumns()
    {
        var sequenced = Tasks.Sequenced();
        await Store.PrepareAsync(sequenced, Token);
        using (var page = PageOf(sequenced, Task(1, "one", size: 10).Replace("}", ",\"sync_seq\":5}", StringComparison.Ordinal)))
        {
            await Store.ApplyAsync(new ApplyBatch(sequenced, [page], null, null), Token);
        }

        Execute("UPDATE tasks SET title = 'x'");
        var change = (await TakeAsync(sequenced)).Single().Id;
        Execute("UPDATE tasks SET title = 'y'");
        using var tombstone = PageOf(sequenced.Tombstones("agent_sync", "tasks"), """{"id":1,"sync_seq":6}""");
        await Store.ApplyAsync(new ApplyBatch(sequenced.Tombstones("agent_sync", "tasks"), [tombstone], null, null) { AreTombstones = true }, Token);
        await SettleAsync(sequenced, change, SettlementKind.Acknowledge);
        Assert.Equal(10L, Scalar("SELECT size FROM tasks"));
        Assert.StartsWith("Insert", Assert.Single(await TakeTextsAsync(sequenced)), StringComparison.Ordinal);
    }

    private async Task<long> FlyAsync()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("UPDATE tasks SET title = 'x'");
        return (await TakeAsync()).Single().Id;
    }
}
