using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Outbox;

public sealed class TakeTests : OutboxTest
{
    [Fact]
    public async Task Take_Again_HandsOutTheSame()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute("UPDATE tasks SET title = 'x' WHERE id = 1; DELETE FROM tasks WHERE id = 2; INSERT INTO tasks (id, title) VALUES (3, 'three')");
        var first = await TakeAsync();

        Execute("UPDATE tasks SET title = 'y', size = 5 WHERE id = 1; INSERT INTO tasks (id, title) VALUES (2, 'back'); DELETE FROM tasks WHERE id = 3");
        Store.Dispose();
        using var reopened = OpenStore();
        await reopened.PrepareAsync(Tasks, Token);
        var second = await TakeAsync(store: reopened);

        Assert.Equal(3, first.Count);
        Assert.Equal(first.Select(static change => (change.Id, change.Operation, change.Text)), second.Select(static change => (change.Id, change.Operation, change.Text)));
    }

    [Fact]
    public async Task Take_EditBehindAChangeInFlight_WaitsForItsEnd()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("UPDATE tasks SET title = 'x'");
        var change = (await TakeAsync()).Single();
        Execute("UPDATE tasks SET title = 'y'");

        await SettleAsync(change.Id, SettlementKind.Acknowledge, Task(1, "x", 2));
        var behind = (await TakeAsync()).Single();

        Assert.Equal("""Update {"id":1} 2 {"title":"y"}""", behind.Text);
        Assert.NotEqual(change.Operation, behind.Operation);
        Assert.True(behind.Id > change.Id);
    }

    [Fact]
    public async Task Take_Columns_AreOneListObjectPerSet()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"), Task(3, "three"));
        Execute("UPDATE tasks SET title = 'x'; UPDATE tasks SET size = 7 WHERE id = 2");

        using var batch = await Store.TakeAsync(Request(), Token);

        Assert.Same(batch.Changes.Span[0].Columns, batch.Changes.Span[2].Columns);
        Assert.Equal(["title"], batch.Changes.Span[0].Columns);
        Assert.Equal(["title", "size"], batch.Changes.Span[1].Columns);
    }

    [Fact]
    public async Task Take_WholeRows_HasEveryColumnThatMayBeSent()
    {
        await StartAsync(Tasks, Task(1, "one", size: 1));
        Execute("UPDATE tasks SET size = NULL");

        Assert.Equal(["""Update {"id":1} 1 {"id":1,"title":"one","size":null,"deleted_at":null}"""], await TakeTextsAsync(wholeRows: true));
    }

    [Fact]
    public async Task Take_UpToALimit_GoesOnAfterIt()
    {
        await StartAsync(Tasks);
        Execute("INSERT INTO tasks (id, title) VALUES (1, 'a'), (2, 'b'), (3, 'c')");

        using var first = await Store.TakeAsync(Request() with { MaxChanges = 2 }, Token);
        using var second = await Store.TakeAsync(Request() with { After = first.Changes.Span[1].Id }, Token);
        using var third = await Store.TakeAsync(Request() with { MaxBytes = 1 }, Token);

        Assert.Equal((2, 1, 1), (first.Count, second.Count, third.Count));
    }

    [Fact]
    public async Task Take_UpToAByteLimit_StopsBeforeTheChangeThatPassesIt()
    {
        await StartAsync(Tasks);
        Execute("INSERT INTO tasks (id, title) VALUES (1, 'a'), (2, 'b'), (3, 'c')");
        using var one = await Store.TakeAsync(Request() with { MaxChanges = 1 }, Token);
        var bytes = one.Changes.Span[0].Key.Length + one.Changes.Span[0].Row.Length;

        using var exactly = await Store.TakeAsync(Request() with { MaxBytes = 2 * bytes }, Token);
        using var less = await Store.TakeAsync(Request() with { MaxBytes = (2 * bytes) - 1 }, Token);

        Assert.Equal((2, 1), (exactly.Count, less.Count));
    }

    [Fact]
    public async Task Take_WithALostLease_FreezesNothing()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("UPDATE tasks SET title = 'x'");
        var old = await LeaseAsync(Tasks);
        await LeaseAsync(Tasks);

        var exception = await Assert.ThrowsAsync<SyncStoreException>(async () =>
            await Store.TakeAsync(Request() with { Lease = old }, Token));

        Assert.Equal(SyncErrorKind.LeaseLost, exception.Kind);
        Assert.Equal(1, CountChanges("state = 0"));
    }

    [Fact]
    public async Task Take_Cancelled_FreezesNothing()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("UPDATE tasks SET title = 'x'");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.TakeAsync(Request(), new CancellationToken(canceled: true)));

        Assert.Equal(1, CountChanges("state = 0"));
    }

    [Fact]
    public async Task Take_EditTakenBackAfterAPull_TakesTheServersRow()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("UPDATE tasks SET title = 'x'");
        await ApplyAsync(Tasks, Task(1, "server", 2));
        Execute("UPDATE tasks SET title = 'one'");

        Assert.Empty(await TakeTextsAsync());
        Assert.Equal(("1=server", 0L), (Rows(), CountChanges()));
    }

    [Fact]
    public async Task Take_ColumnOfTheServerEditedOnly_IsDroppedAndPutBack()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("UPDATE tasks SET version = 99");

        Assert.Empty(await TakeTextsAsync());
        Assert.Equal(1L, Scalar("SELECT version FROM tasks"));
    }

    [Fact]
    public async Task Take_InsertOfASoftDeletedKeysRow_IsAnUpdateAfterKeepLocal()
    {
        await StartAsync(Tasks);
        Execute("INSERT INTO tasks (id, title) VALUES (1, 'mine')");
        var change = (await TakeAsync()).Single();

        await SettleAsync(change.Id, SettlementKind.KeepLocal, Task(1, "theirs", 7, isDeleted: true));

        Assert.Equal(["""Update {"id":1} 7 {"title":"mine","deleted_at":null}"""], await TakeTextsAsync());
    }
}
