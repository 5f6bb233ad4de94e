using Agent.Sync.Sqlite.Tests.Outbox;
using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Applying;

/// <summary>What a pull does to rows with a local change: nothing, but the change learns of it.</summary>
public sealed class PulledRowTests : OutboxTest
{
    [Fact]
    public async Task Apply_OverAWaitingChange_KeepsTheServersRowBesideIt()
    {
        await EditAsync("UPDATE tasks SET title = 'x'");

        var result = await ApplyAsync(Tasks, Task(1, "server", 2), Task(2, "other"));

        Assert.Equal((new ApplyResult(1, 1, 0), "1=x,2=other"), (result, Rows()));
        Assert.Equal(["""Update {"id":1} 1 {"title":"x"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Apply_OlderThanWhatIsKnown_IsForgotten()
    {
        await EditAsync("UPDATE tasks SET title = 'x'");
        await ApplyAsync(Tasks, Task(1, "newer", 3));
        await ApplyAsync(Tasks, Task(1, "older", 2));
        await DiscardAsync();

        Assert.Equal("1=newer", Rows());
    }

    [Fact]
    public async Task Apply_DeletionOverAWaitingChange_IsLearnt()
    {
        await EditAsync("UPDATE tasks SET title = 'x'");

        await ApplyAsync(Tasks, Task(1, "one", 2, isDeleted: true));
        Assert.Equal("1=x", Rows());
        await DiscardAsync();

        Assert.Equal(string.Empty, Rows());
    }

    [Fact]
    public async Task Apply_OverALocalDelete_DoesNotBringTheRowBack()
    {
        await EditAsync("DELETE FROM tasks");

        await ApplyAsync(Tasks, Task(1, "server", 2));

        Assert.Equal(string.Empty, Rows());
        Assert.Equal(["""Delete {"id":1} 1"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Apply_OverALocalInsert_KeepsIt()
    {
        await StartAsync(Tasks);
        Execute("INSERT INTO tasks (id, title) VALUES (1, 'mine')");

        await ApplyAsync(Tasks, Task(1, "theirs", 2));

        Assert.Equal("1=mine", Rows());
        Assert.Equal(["""Insert {"id":1} {"id":1,"title":"mine"}"""], await TakeTextsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Discard_InsertWhoseKeyAPullBrought_TakesTheServersRow(bool isQuarantined)
    {
        await StartAsync(Tasks);
        Execute("INSERT INTO tasks (id, title) VALUES (1, 'mine')");
        if (isQuarantined)
        {
            await SettleAsync((await TakeAsync()).Single().Id, SettlementKind.Reject, code: "23505");
        }

        await ApplyAsync(Tasks, Task(1, "theirs", 2));
        await DiscardAsync();

        Assert.Equal(("1=theirs", 0L), (Rows(), CountChanges()));
    }

    [Fact]
    public async Task Discard_AfterAResyncBroughtTheBaseAgain_TakesTheBase()
    {
        await EditAsync("UPDATE tasks SET title = 'x'");
        await ApplyAsync(Tasks, Task(1, "newer", 2));
        await ApplyAsync(Store, Tasks, 1, Task(1, "one"));

        await DiscardAsync();

        Assert.Equal("1=one", Rows());
    }

    [Fact]
    public async Task Discard_AfterAResyncWithoutTheRowThatAPullBrought_RemovesTheRow()
    {
        await EditAsync("UPDATE tasks SET title = 'x'");
        await ApplyAsync(Tasks, Task(1, "newer", 2), Task(2, "two"));
        await ResyncAsync(Task(2, "two"));

        await DiscardAsync();

        Assert.Equal("2=two", Rows());
    }

    [Fact]
    public async Task Discard_AfterAResyncThatBroughtTheRow_TakesTheServersRow()
    {
        await EditAsync("UPDATE tasks SET title = 'x'");
        await ResyncAsync(Task(1, "one"));

        await DiscardAsync();

        Assert.Equal("1=one", Rows());
    }

    [Fact]
    public async Task Retry_AfterAResyncWithoutTheRow_IsAnInsertThatStays()
    {
        await QuarantineAsync();
        await ResyncAsync(Task(2, "two"));
        await Store.RetryChangesAsync(Tasks, null, Token);

        var change = (await TakeAsync()).Single();
        await SettleAsync(change.Id, SettlementKind.Acknowledge);

        Assert.Equal((ChangeKind.Insert, "1=x,2=two"), (change.Kind, Rows()));
    }

    [Fact]
    public async Task Acknowledge_InsertAndTheEditBehindItAfterAResyncWithoutTheRow_KeepsTheRow()
    {
        await StartAsync(Tasks, Task(2, "two"));
        Execute("INSERT INTO tasks (id, title) VALUES (1, 'new')");
        var insert = (await TakeAsync()).Single().Id;
        Execute("UPDATE tasks SET title = 'newer' WHERE id = 1");
        await ResyncAsync(Task(2, "two"));

        await SettleAsync(insert, SettlementKind.Acknowledge);
        await SettleAsync((await TakeAsync()).Single().Id, SettlementKind.Acknowledge);

        Assert.Equal("1=newer,2=two", Rows());
    }

    [Fact]
    public async Task Reject_AfterAResyncWithoutTheRow_IsAnInsertWhenItIsSentAgain()
    {
        await EditAsync("UPDATE tasks SET title = 'x'");
        var change = (await TakeAsync()).Single().Id;
        await ResyncAsync(Task(2, "two"));
        await SettleAsync(change, SettlementKind.Reject, code: "23514");
        await Store.RetryChangesAsync(Tasks, null, Token);

        Assert.Equal(["""Insert {"id":1} {"id":1,"title":"x"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Apply_OverAQuarantinedChange_BecomesItsBase()
    {
        await QuarantineAsync();

        await ApplyAsync(Tasks, Task(1, "server", 2, size: 5));
        Assert.Equal("1=x", Rows());
        Assert.Equal(1, await Store.RetryChangesAsync(Tasks, null, Token));

        Assert.Equal(5L, Scalar("SELECT size FROM tasks"));
        Assert.Equal(["""Update {"id":1} 2 {"title":"x"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Apply_DeletionOverAQuarantinedChange_KeepsTheLocalRow()
    {
        await QuarantineAsync();

        await ApplyAsync(Tasks, Task(1, "server", 2, size: 5, isDeleted: true));

        Assert.Equal(("1=x", 1L), (Rows(), Scalar("SELECT size IS NULL AND deleted_at IS NULL FROM tasks")));
    }

    [Fact]
    public async Task Edit_OfAQuarantinedRow_SupersedesIt()
    {
        var first = await QuarantineAsync();

        Execute("UPDATE tasks SET title = 'better'");
        var change = (await TakeAsync()).Single();

        Assert.Equal((first.Id, """Update {"id":1} 1 {"title":"better"}"""), (change.Id, change.Text));
        Assert.NotEqual(first.Operation, change.Operation);
    }

    [Fact]
    public async Task Insert_ThatIsIgnoredOverAQuarantinedRow_LeavesItThere()
    {
        await QuarantineAsync();

        Execute("INSERT OR IGNORE INTO tasks (id, title) VALUES (1, 'y')");

        Assert.Equal(new ChangeCounts(0, 1), await Store.CountChangesAsync(Tasks, Token));
    }

    [Fact]
    public async Task Replace_ThatDeletesAQuarantinedRow_SupersedesIt()
    {
        await QuarantineAsync();
        Execute("CREATE UNIQUE INDEX u ON tasks (title)");
        await Store.PrepareAsync(Tasks, Token);

        Execute("INSERT OR REPLACE INTO tasks (id, title) VALUES (2, 'x')");

        Assert.Equal(["""Insert {"id":2} {"id":2,"title":"x"}""", """Delete {"id":1} 1"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task UpdateOrReplace_ThatDeletesAQuarantinedRow_SupersedesIt()
    {
        await QuarantineAsync();
        Execute("CREATE UNIQUE INDEX u ON tasks (title)");
        await Store.PrepareAsync(Tasks, Token);
        await ApplyAsync(Tasks, Task(2, "two"));

        Execute("UPDATE OR REPLACE tasks SET title = 'x' WHERE id = 2");

        Assert.Equal(["""Update {"id":2} 1 {"title":"x"}""", """Delete {"id":1} 1"""], await TakeTextsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Discard_QuarantinedChange_RestoresTheServersRow(bool all)
    {
        var change = await QuarantineAsync();

        var count = await Store.DiscardChangesAsync(Tasks, all ? null : [change.Id, 999], Token);

        Assert.Equal((1, "1=one", 0L), (count, Rows(), CountChanges()));
    }

    [Fact]
    public async Task Discard_WaitingInsert_RemovesTheRow()
    {
        await StartAsync(Tasks);
        Execute("INSERT INTO tasks (id, title) VALUES (1, 'mine')");
        var change = (await Store.ListChangesAsync(Tasks, null, 0, 10, Token)).Single();

        Assert.Equal(0, await Store.DiscardChangesAsync(Tasks, null, Token));
        Assert.Equal(1, await Store.DiscardChangesAsync(Tasks, [change.Id], Token));

        Assert.Equal((string.Empty, 0L), (Rows(), CountChanges()));
    }

    [Fact]
    public async Task Discard_ChangeInFlight_IsRefused()
    {
        await EditAsync("UPDATE tasks SET title = 'x'");
        var change = (await TakeAsync()).Single();

        Assert.Equal(0, await Store.DiscardChangesAsync(Tasks, [change.Id], Token));
    }

    [Fact]
    public async Task Discard_EditBehindAChangeInFlight_RestoresWhatWasSent()
    {
        await EditAsync("UPDATE tasks SET title = 'x'");
        await TakeAsync();
        Execute("UPDATE tasks SET title = 'y'");
        var behind = (await Store.ListChangesAsync(Tasks, ChangeState.Waiting, 0, 10, Token)).Single();

        await Store.DiscardChangesAsync(Tasks, [behind.Id], Token);

        Assert.Equal("1=x", Rows());
        Assert.Equal(["""Update {"id":1} 1 {"title":"x"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task List_ByState_HasKindsAndKeys()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute("UPDATE tasks SET title = 'x' WHERE id = 1");
        var flying = (await TakeAsync()).Single();
        Execute("DELETE FROM tasks WHERE id = 2; INSERT INTO tasks (id, title) VALUES (3, 'three')");

        var all = await Store.ListChangesAsync(Tasks, null, 0, 10, Token);
        var rest = await Store.ListChangesAsync(Tasks, ChangeState.Waiting, all[1].Id, 1, Token);

        Assert.Equal(
            [(flying.Id, ChangeKind.Update, ChangeState.InFlight, """{"id":1}"""), (all[1].Id, ChangeKind.Delete, ChangeState.Waiting, """{"id":2}"""), (all[2].Id, ChangeKind.Insert, ChangeState.Waiting, """{"id":3}""")],
            all.Select(static change => (change.Id, change.Kind, change.State, change.Key)));
        Assert.Equal(all[2].Id, rest.Single().Id);
        Assert.Equal(new ChangeCounts(3, 0), await Store.CountChangesAsync(Tasks, Token));

        await SettleAsync(flying.Id, SettlementKind.Reject, code: "23514");
        Assert.Equal(flying.Id, Assert.Single(await Store.ListChangesAsync(Tasks, ChangeState.Quarantined, 0, 10, Token)).Id);
        Assert.Equal([all[1].Id, all[2].Id], (await Store.ListChangesAsync(Tasks, ChangeState.Waiting, 0, 10, Token)).Select(static change => change.Id));
    }

    [Fact]
    public async Task Swap_RowsWithAChange_StayAndDoNotCountForTheGuard()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"), Task(3, "three"));
        Execute("UPDATE tasks SET title = 'x' WHERE id = 1; INSERT INTO tasks (id, title) VALUES (4, 'mine')");
        await ApplyAsync(Store, Tasks, 1, Task(2, "two"), Task(3, "three"));

        var result = await Store.SwapGenerationAsync(new GenerationSwap(Tasks, 1, 0.1, null), Token);

        Assert.Equal((new SwapResult(false, 0, 4), "1=x,2=two,3=three,4=mine"), (result, Rows()));
        Assert.Equal(["""Update {"id":1} 1 {"title":"x"}""", """Insert {"id":4} {"id":4,"title":"mine"}"""], await TakeTextsAsync());
        Assert.Equal(1, CountChanges("has_server = 2"));
    }

    [Fact]
    public async Task Resync_OfAnEditedRowWithANewColumn_DoesNotSendItAsNull()
    {
        await EditAsync("UPDATE tasks SET title = 'x'");
        var wider = Dataset.Define("tasks").Key("id", ColumnType.Integer).Column("title", ColumnType.Text).Column("size", ColumnType.Integer)
            .Column("owner", ColumnType.Text).UpdatedAt("updated_at").Version("version").DeletedAt("deleted_at").Build();
        await Store.PrepareAsync(wider, Token);

        await ApplyAsync(Store, wider, 1, Task(1, "one").Replace("\"size\"", "\"owner\":\"bob\",\"size\"", StringComparison.Ordinal));

        Assert.Equal(["""Update {"id":1} 1 {"title":"x"}"""], await TakeTextsAsync(wider));
        Assert.Equal("bob", Scalar("SELECT owner FROM tasks"));
    }

    [Fact]
    public async Task Resync_SequencedWhileAnEditWaits_LearnsTheBasesSequence()
    {
        await EditAsync("UPDATE tasks SET title = 'x'");
        var sequenced = Tasks.Sequenced();
        await Store.PrepareAsync(sequenced, Token);
        Assert.Equal(["""Update {"id":1} {"title":"x"}"""], await TakeTextsAsync(sequenced));

        await ApplyAsync(Store, sequenced, null, Task(1, "one").Replace("\"size\"", "\"sync_seq\":77,\"size\"", StringComparison.Ordinal));

        Assert.Equal(["""Update {"id":1} 77 {"title":"x"}"""], await TakeTextsAsync(sequenced));
    }

    [Fact]
    public async Task Resync_SequencedWhileAnEditWaitsOfARowThatChangedThere_IsNotItsBase()
    {
        await EditAsync("UPDATE tasks SET title = 'x'");
        var sequenced = Tasks.Sequenced();
        await Store.PrepareAsync(sequenced, Token);

        await ApplyAsync(Store, sequenced, null, Task(1, "theirs").Replace("\"size\"", "\"sync_seq\":77,\"size\"", StringComparison.Ordinal));

        Assert.Equal(["""Update {"id":1} {"title":"x"}"""], await TakeTextsAsync(sequenced));
    }

    [Fact]
    public async Task Tombstones_BySequence_RemoveOlderRowsOnly()
    {
        var sequenced = Tasks.Sequenced();
        await Store.PrepareAsync(sequenced, Token);
        await ApplyAsync(Store, sequenced, null, Sequenced(1, 10), Sequenced(2, 10), Sequenced(3, 10), Sequenced(4, 10), Sequenced(5, 10));
        Execute("UPDATE tasks SET title = 'x' WHERE id IN (3, 4, 5)");
        var changes = await TakeAsync(sequenced);
        await SettleAsync(sequenced, changes[1].Id, SettlementKind.Reject, code: "23514");
        var tombstones = sequenced.Tombstones("agent_sync", "tasks");
        using var page = PageOf(tombstones, Buried(1, 11), Buried(2, 10), Buried(3, 11), Buried(4, 11), Buried(5, 10), Buried(9, 11));

        var result = await Store.ApplyAsync(new ApplyBatch(tombstones, [page], null, null) { AreTombstones = true }, Token);

        Assert.Equal((new ApplyResult(0, 5, 1), "2=t,3=x,4=x,5=x"), (result, Rows()));
        Assert.Equal((1L, 1L, 1L), (CountChanges("k_id = 3 AND has_server = 2"), CountChanges("k_id = 4 AND has_base = 0"), CountChanges("k_id = 5 AND has_server = 0 AND has_base = 1")));

        static string Sequenced(int id, int sequence) => Task(id, "t").Replace("\"size\"", $"\"sync_seq\":{sequence},\"size\"", StringComparison.Ordinal);
        static string Buried(int id, int sequence) => $$"""{"id":{{id}},"sync_seq":{{sequence}}}""";
    }

    [Fact]
    public async Task Apply_AfterAnInsertAcknowledgedWithoutARow_IsTaken()
    {
        await StartAsync(Tasks);
        Execute("INSERT INTO tasks (id, title) VALUES (1, 'mine')");
        await SettleAsync((await TakeAsync()).Single().Id, SettlementKind.Acknowledge);
        await ApplyAsync(Tasks, Task(1, "server", 2));
        Assert.Equal("1=server", Rows());
    }

    [Fact]
    public async Task ApplyDeletion_AfterAnInsertAcknowledgedWithoutARow_IsTaken()
    {
        await StartAsync(Tasks);
        Execute("INSERT INTO tasks (id, title) VALUES (1, 'mine')");
        await SettleAsync((await TakeAsync()).Single().Id, SettlementKind.Acknowledge);
        await ApplyAsync(Tasks, Task(1, "server", 2, isDeleted: true));
        Assert.Equal(string.Empty, Rows());
    }

    [Fact]
    public async Task ApplyDeletion_OfTheSameVersion_RemovesTheRow()
    {
        await StartAsync(Tasks, Task(1, "one"));
        await ApplyAsync(Tasks, Task(1, "one", isDeleted: true));
        Assert.Equal(string.Empty, Rows());
    }

    private async Task EditAsync(string sql)
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute(sql);
    }

    private async Task<Taken> QuarantineAsync()
    {
        await EditAsync("UPDATE tasks SET title = 'x'");
        var change = (await TakeAsync()).Single();
        await SettleAsync(change.Id, SettlementKind.Reject, code: "23514");
        return change;
    }

    private async Task ResyncAsync(params string[] rows)
    {
        await ApplyAsync(Store, Tasks, 1, rows);
        Assert.False((await Store.SwapGenerationAsync(new GenerationSwap(Tasks, 1, 1, null), Token)).Refused);
    }

    private async Task DiscardAsync()
    {
        var changes = await Store.ListChangesAsync(Tasks, null, 0, 10, Token);
        await Store.DiscardChangesAsync(Tasks, [.. changes.Select(static change => change.Id)], Token);
    }
}
