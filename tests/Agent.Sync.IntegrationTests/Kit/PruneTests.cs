using System.Globalization;
using System.Text.Json;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Exact;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>Retention: announced first, removed later, and never above the horizon. So these run where no other test holds it back.</summary>
[Collection(ExactCollection.Name)]
public sealed class PruneTests(BackendFixture backends)
{
    private static readonly Guid Ada = Guid.NewGuid();

    [Fact]
    public async Task Prune_OldTombstones_AreAnnouncedFirstAndRemovedNext()
    {
        var table = await CreateAsync();
        await table.InsertAsync(Ada, 1, 2, 3);
        await table.SqlAsync($"delete from {table.Name} where id = 1");
        await table.SqlAsync($"delete from {table.Name} where id = 2");
        await table.SqlAsync($"update {table.Tombstones} set tombstoned_at = now() - interval '31 days' where id = 1");
        var stamps = await table.TombstonesOfAsync(Ada);

        await PruneAsync(table);
        Assert.Equal([1, 2], (await table.TombstonesOfAsync(Ada)).Keys.Order());
        var retained = (await table.StateAsync()).GetProperty("min_retained").GetString();
        await PruneAsync(table);
        Assert.Equal([1, 2], (await table.TombstonesOfAsync(Ada)).Keys.Order());
        await AgeAnnouncementAsync(table);
        await PruneAsync(table);

        Assert.Equal((stamps[1] + 1).ToString(CultureInfo.InvariantCulture), retained);
        Assert.Equal([2], (await table.TombstonesOfAsync(Ada)).Keys);
        Assert.Equal(retained, (await table.StateAsync()).GetProperty("min_retained").GetString());
        Assert.Empty(await table.ProblemsAsync());
    }

    [Fact]
    public async Task Prune_OldOperations_AreForgotten()
    {
        var table = await CreateAsync();
        var user = Guid.NewGuid();
        var batch = new KitBatch().Insert(1, user, "a").Insert(2, user, "b");
        await table.PushAsync(user, batch);
        await table.SqlAsync($"update agent_sync_private.ledger set applied_at = now() - interval '10 years' where op = '{batch.Operations[0]}'");

        await PruneAsync(table);

        var rows = await table.SqlAsync($"select op from agent_sync_private.ledger where user_id = '{user}'");
        Assert.Equal(batch.Operations[1], Assert.Single(rows).GetProperty("op").GetGuid());
    }

    [Fact]
    public async Task Prune_OldTransactionIsOpen_MarkStaysBelowTheHorizon()
    {
        var table = await CreateAsync();
        await table.InsertAsync(Ada, 1, 2);
        await table.SqlAsync($"delete from {table.Name} where id = 1");
        var below = (await table.TombstonesOfAsync(Ada))[1];
        await table.SqlAsync("begin; select pg_current_xact_id()::text", table.Name);
        try
        {
            await table.SqlAsync($"delete from {table.Name} where id = 2; update {table.Tombstones} set tombstoned_at = now() - interval '31 days'");
            await PruneAsync(table);
            var state = await table.HorizonAsync();

            Assert.Equal(below + 1, Retained(state.GetProperty("tables").GetProperty(table.FullName)));
            Assert.True(Retained(state.GetProperty("tables").GetProperty(table.FullName)) <= long.Parse(state.GetProperty("horizon").GetString()!, CultureInfo.InvariantCulture));
        }
        finally
        {
            await table.SqlAsync("rollback", table.Name);
            await CloseAsync(table);
        }

        await AgeAnnouncementAsync(table);
        await PruneAsync(table);

        // The first went, and the second is announced.
        Assert.Equal([2], (await table.TombstonesOfAsync(Ada)).Keys);
        Assert.True(Retained(await table.StateAsync()) > below + 1);
    }

    [Fact]
    public async Task Prune_CalledAllTheTime_RemovesWhatWasAnnouncedAndNothingElse()
    {
        var table = await CreateAsync();
        await table.InsertAsync(Ada, 1, 2);
        await table.SqlAsync($"delete from {table.Name} where id = 1; update {table.Tombstones} set tombstoned_at = now() - interval '31 days'");
        await PruneAsync(table);
        var first = Retained(await table.StateAsync());
        await table.SqlAsync($"delete from {table.Name} where id = 2; update {table.Tombstones} set tombstoned_at = now() - interval '31 days'");

        // A mark that waits is not moved, or the wait would never end.
        await PruneAsync(table);
        Assert.Equal(first, Retained(await table.StateAsync()));
        await AgeAnnouncementAsync(table);
        await PruneAsync(table);

        Assert.Equal([2], (await table.TombstonesOfAsync(Ada)).Keys);
        Assert.True(Retained(await table.StateAsync()) > first);
    }

    [Fact]
    public async Task Prune_UserWithVeryManyOperations_KeepsTheLatest()
    {
        var table = await CreateAsync();
        var user = Guid.NewGuid();
        await table.SqlAsync(
            $"insert into agent_sync_private.ledger (user_id, op, applied_at) select '{user}', gen_random_uuid(), now() - i * interval '1 second' from generate_series(1, agent_sync_private.ledger_cap() + 500) as i");

        await PruneAsync(table);

        var left = (await table.SqlAsync($"select count(*)::int as count, extract(epoch from now() - min(applied_at))::int as oldest from agent_sync_private.ledger where user_id = '{user}'"))[0];
        Assert.Equal(100_000, left.GetProperty("count").GetInt32());
        Assert.InRange(left.GetProperty("oldest").GetInt32(), 100_000, 100_400);
        await table.SqlAsync($"delete from agent_sync_private.ledger where user_id = '{user}'");
    }

    [Theory]
    [InlineData("insert into {0} (id, owner_id) values (1, '{1}')", 1)]
    [InlineData("truncate {0}", 2)]
    public async Task Prune_WriterIsAtATombstone_LeavesItForTheNextCall(string write, int left)
    {
        var table = await CreateAsync();
        await table.InsertAsync(Ada, 1, 2);
        await table.SqlAsync($"delete from {table.Name}");
        await table.SqlAsync($"update {table.Tombstones} set tombstoned_at = now() - interval '31 days'");
        await PruneAsync(table);
        await AgeAnnouncementAsync(table);
        // The row comes back with the values its tombstone has, so the tombstone goes in the writer's transaction.
        await table.SqlAsync("begin; " + string.Format(CultureInfo.InvariantCulture, write, table.Name, Ada), table.Name);
        long during;
        try
        {
            await PruneAsync(table);
            during = (await table.SqlAsync($"select count(*)::int as count from {table.Tombstones}"))[0].GetProperty("count").GetInt32();
        }
        finally
        {
            await table.SqlAsync("rollback", table.Name);
            await CloseAsync(table);
        }

        await PruneAsync(table);

        Assert.Equal(left, during);
        Assert.Empty(await table.TombstonesOfAsync(Ada));
        Assert.NotEqual("0", (await table.StateAsync()).GetProperty("min_retained").GetString());
    }

    [Fact]
    public async Task Insert_AfterPruneHasRemovedManyTombstones_ReadsNoMoreThanBefore()
    {
        var table = await CreateAsync();
        await table.SqlAsync(
            $"""
            alter table {table.Tombstones} set (autovacuum_enabled = false);
            insert into {table.Name} (id, owner_id) select i, '{Ada}' from generate_series(1, 20000) as i;
            delete from {table.Name};
            update {table.Tombstones} set tombstoned_at = now() - interval '31 days';
            """,
            table.Name);
        await BlocksOfAnInsertAsync(table, 30_001);
        var before = await BlocksOfAnInsertAsync(table, 30_002);

        await PruneAsync(table, table.Name);
        await AgeAnnouncementAsync(table);
        await PruneAsync(table, table.Name);
        var after = await BlocksOfAnInsertAsync(table, 30_003);

        Assert.Empty(await table.SqlAsync($"select id from {table.Tombstones} limit 1"));
        Assert.InRange(after, 0, before + 5);
        await CloseAsync(table);
    }

    /// <summary>Returns how many blocks of the tombstones an insert into the table looks at.</summary>
    private static async Task<long> BlocksOfAnInsertAsync(KitTable table, long id)
    {
        var sql = $"select (heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)::int as count from pg_statio_user_tables where relid = '{table.Tombstones}'::regclass";

        // Every session counts for itself, and tells now and then: this test has one of its own.
        await table.SqlAsync("select pg_stat_force_next_flush()", table.Name);
        var before = (await table.SqlAsync(sql))[0].GetProperty("count").GetInt32();
        await table.SqlAsync($"select pg_stat_force_next_flush(); insert into {table.Name} (id, owner_id) values ({id}, '{Ada}');", table.Name);
        return (await table.SqlAsync(sql))[0].GetProperty("count").GetInt32() - before;
    }

    private async Task<KitTable> CreateAsync()
    {
        var backend = await backends.GetExactAsync();
        backend.RequireSessions();
        return await KitTable.CreateAsync(backend);
    }

    private async Task CloseAsync(KitTable table) =>
        await (await backends.GetExactAsync()).Host.CloseSessionAsync(table.Name, TestContext.Current.CancellationToken);

    private static async Task PruneAsync(KitTable table, string? session = null) =>
        await table.SqlAsync($"begin; set local lock_timeout = '5s'; select * from agent_sync.prune('{table.FullName}'); commit;", session);

    /// <summary>Lets the time between an announcement and a removal pass.</summary>
    private static async Task AgeAnnouncementAsync(KitTable table) => await table.SqlAsync(
        $"update agent_sync_private.tables set announced_at = announced_at - agent_sync_private.prune_wait() where relid = '{table.FullName}'::regclass");

    private static long Retained(JsonElement state) =>
        long.Parse(state.GetProperty("min_retained").GetString()!, CultureInfo.InvariantCulture);
}
