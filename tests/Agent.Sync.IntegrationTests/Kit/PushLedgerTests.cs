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
    public async Task Push_ChangesThatChangeNothing_LeaveNothingInTheLedger()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        var user = Guid.NewGuid();
        await table.InsertAsync(user, 1);
        var batch = new KitBatch();
        for (var id = 1_000; id < 3_000; id++)
        {
            batch.Delete(id, null);
        }

        batch.Update(1, 1, $"{table.Name}-1").Update(5, null, "gone").Update(1, 1, "conflict").Insert(1, user, $"{table.Name}-1");
        var answer = await table.PushAsync(user, batch);

        Assert.Equal(["applied", "conflict", "conflict", "applied"], answer.Outcomes[^4..]);
        Assert.All(answer.Outcomes[..^4], static outcome => Assert.Equal("applied", outcome));
        Assert.Empty(await table.SqlAsync($"select op from agent_sync_private.ledger where user_id = '{user}'"));
    }

    [Fact]
    public async Task Push_NoOpDeleteIsRepeatedAfterTheKeyCameBack_IsAConflict()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        var batch = new KitBatch().Delete(1, 5);
        await table.PushAsync(Ada, batch);
        await table.InsertAsync(Ada, 1);

        var answer = await table.PushAsync(Ada, batch);

        // It never deleted anything, and must not delete what another device has made since.
        Assert.Equal(["conflict"], answer.Outcomes);
        Assert.Single(await table.SqlAsync($"select id from {table.Name}"));
    }

    [Fact]
    public async Task Push_TheSameBatchByEightWorkersAtOnce_IsAppliedOnceAndEveryAnswerIsTheSame()
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main);
        await table.SqlAsync(
            $"""
            create table {table.Name}_log (id bigint); grant insert on {table.Name}_log to authenticated;
            create function log_{table.Name}() returns trigger language plpgsql as $f$ begin insert into {table.Name}_log values (coalesce(new.id, old.id)); return coalesce(new, old); end $f$;
            create trigger log before insert or update or delete on {table.Name} for each row execute function log_{table.Name}();
            """);
        for (var round = 0; round < 5; round++)
        {
            var first = round * 100;
            await table.InsertAsync(Ada, [.. Enumerable.Range(first, 40).Select(static id => (long)id)]);
            await table.SqlAsync($"delete from {table.Name}_log");
            var stamp = await table.StampAsync(first);
            var batch = new KitBatch();
            for (var i = 0; i < 20; i++)
            {
                batch.Update(first + i, stamp, $"{round} updated {i}").Insert(first + 50 + i, Ada, $"{round} new {i}", i == 7 ? "longer than twenty characters" : null).Delete(first + 20 + i, stamp);
            }

            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => table.PushAsync(Ada, batch, $"{table.Name}-{worker}")));

            Assert.All(answers, answer => Assert.Equal(answers[0].Outcomes, answer.Outcomes));
            Assert.Equal(["rejected:22001"], answers[0].Outcomes.Where(static outcome => outcome != "applied"));
            Assert.Equal(59, (await table.SqlAsync($"select id from {table.Name}_log")).Count);
        }

        for (var worker = 0; worker < 8; worker++)
        {
            await backends.Main.Host.CloseSessionAsync($"{table.Name}-{worker}", TestContext.Current.CancellationToken);
        }
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
