using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>An operation that was applied is never applied again, and its lost answer can be asked for.</summary>
public sealed class PushLedgerTests(BackendFixture backends)
{
    private static readonly Guid Ada = Guid.NewGuid();
    private static readonly Guid Bob = Guid.NewGuid();

    [Fact]
    public async Task Push_TheSameBatchAgain_IsAppliedOnce()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1, 2);
        var stamp = await table.StampAsync(1);
        var batch = new KitBatch().Insert(10, Ada, "ten").Update(1, stamp, "one").Delete(2, stamp);
        await table.PushAsync(Ada, batch);
        var after = await table.StampAsync(1);

        var answer = await table.PushAsync(Ada, batch);

        Assert.Equal(["applied", "applied", "applied"], answer.Outcomes);
        Assert.Equal(["ten", "one", null], Enumerable.Range(0, 3).Select(answer.Name));
        Assert.Equal(after, await table.StampAsync(1));
    }

    [Fact]
    public async Task Push_AgainAfterAnotherDeviceWrote_IsAppliedAndTellsTheNewRow()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1, 2);
        var batch = new KitBatch().Insert(10, Ada, "ten").Update(1, await table.StampAsync(1), "one").Insert(11, Ada, "eleven").Delete(2, null);
        await table.PushAsync(Ada, batch);
        await table.SqlAsync(
            $"update {table.Name} set name = name || ' theirs'; delete from {table.Name} where id = 11; insert into {table.Name} (id, owner_id, name) values (2, '{Ada}', 'again')");

        var answer = await table.PushAsync(Ada, batch);

        Assert.Equal(["applied", "applied", "applied", "applied"], answer.Outcomes);
        Assert.Equal(["ten theirs", "one theirs", null, "again"], Enumerable.Range(0, 4).Select(answer.Name));
    }

    [Fact]
    public async Task Push_OperationOfAnotherUser_IsNotTakenForOnesOwn()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1);
        await table.InsertAsync(Bob, 2);
        var operation = Guid.NewGuid();
        await table.PushAsync(Ada, new KitBatch().Update(1, null, "ada", operation));

        var answer = await table.PushAsync(Bob, new KitBatch().Update(2, null, "bob", operation));

        Assert.Equal("bob", answer.Name(0));
        Assert.Single(await table.SqlAsAsync(Ada, $"select op from agent_sync_private.ledger where op = '{operation}';"));
    }

    [Fact]
    public async Task Push_ConflictAndRejection_MayBeTriedAgain()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1);
        var batch = new KitBatch().Update(1, 1, "mine").Insert(5, Ada, $"{table.Name}-1").Update(7, 0, "gone");
        var first = await table.PushAsync(Ada, batch);
        await table.SqlAsync($"update {table.Name} set name = 'mine'");

        var answer = await table.PushAsync(Ada, batch);

        Assert.Equal(["conflict", "rejected:23505", "conflict"], first.Outcomes);
        Assert.Equal(["applied", "applied", "conflict"], answer.Outcomes);
    }

    [Fact]
    public async Task Push_LedgerWasPruned_AnEqualRowIsStillApplied()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1);
        var batch = new KitBatch().Insert(10, Ada, "ten").Update(1, await table.StampAsync(1), "one");
        await table.PushAsync(Ada, batch);
        await table.SqlAsync($"delete from agent_sync_private.ledger where user_id = '{Ada}'");

        var answer = await table.PushAsync(Ada, batch);

        Assert.Equal(["applied", "applied"], answer.Outcomes);
    }

    [Fact]
    public async Task Push_TheSameBatchTwiceAtOnce_SecondWaitsAndIsNotAConflict()
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1);
        var batch = new KitBatch().Insert(10, Ada, "ten").Update(1, await table.StampAsync(1), "one");
        await table.SqlAsync("begin", table.Name);
        await table.PushAsync(Ada, batch, table.Name);

        var second = table.PushAsync(Ada, batch);
        while ((await table.SqlAsync($"select from pg_stat_activity where wait_event_type = 'Lock' and query like '%{table.Name}%' and pid <> pg_backend_pid()")).Count == 0)
        {
            Assert.False(second.IsCompleted);
        }

        await table.SqlAsync($"reset role; update {table.Name} set name = name || '!'; commit;", table.Name);
        var answer = await second;

        Assert.Equal(["applied", "applied"], answer.Outcomes);
        Assert.Equal(["ten!", "one!"], [answer.Name(0), answer.Name(1)]);
        await backends.Main.Host.CloseSessionAsync(table.Name, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Push_AnotherWriterHoldsTheRow_WaitsAndIsAConflict()
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1);
        var stamp = await table.StampAsync(1);
        await table.SqlAsync($"begin; update {table.Name} set name = 'theirs';", table.Name);

        var push = table.PushAsync(Ada, new KitBatch().Update(1, stamp, "mine"));
        while ((await table.SqlAsync($"select from pg_stat_activity where wait_event_type = 'Lock' and query like '%{table.Name}%' and pid <> pg_backend_pid()")).Count == 0)
        {
            Assert.False(push.IsCompleted);
        }

        await table.SqlAsync("commit", table.Name);
        var answer = await push;

        Assert.Equal(["conflict"], answer.Outcomes);
        Assert.Equal("theirs", answer.Name(0));
        await backends.Main.Host.CloseSessionAsync(table.Name, TestContext.Current.CancellationToken);
    }
}
