using System.Globalization;
using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>A table of another cluster, or of this one, is asked to be restamped only where its rows are ahead.</summary>
public sealed class RestoredClusterTests(BackendFixture backends)
{
    private const int Writers = 6;
    private static readonly Guid Owner = Guid.NewGuid();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task NeedsRestamp_WritersAreBusyAfterARestore_IsNeverTrueAndTheIdentityIsAdopted(bool isPartitioned)
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(
            backends.Main, "id bigint primary key, owner_id uuid, name text", enable: null, options: isPartitioned ? "partition by range (id)" : string.Empty);
        if (isPartitioned)
        {
            await table.SqlAsync($"create table {table.Name}_0 partition of {table.Name} default");
        }

        await table.EnableAsync();
        await table.InsertAsync(Owner, [.. Enumerable.Range(1, Writers).Select(static id => (long)id)]);
        await RestoreElsewhereAsync(table);
        using var isOver = new CancellationTokenSource();
        var writers = Enumerable.Range(1, Writers).Select(number => WriteAsync(table, number, isOver.Token)).ToArray();

        var answers = new List<bool>();
        for (var call = 0; call < 60; call++)
        {
            answers.Add((await table.StateAsync()).GetProperty("needs_restamp").GetBoolean());
        }

        var problems = await table.ProblemsAsync();
        await table.SqlAsync($"select * from agent_sync.prune('{table.FullName}')");
        await isOver.CancelAsync();
        await Task.WhenAll(writers);

        Assert.DoesNotContain(true, answers);
        Assert.Empty(problems);
        Assert.True(await IsOwnAsync(table));
    }

    [Fact]
    public async Task NeedsRestamp_OlderTransactionsWriteLastAfterARestore_IsFalse()
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);
        await RestoreElsewhereAsync(table);
        string[] sessions = [.. Enumerable.Range(1, 5).Select(number => $"{table.Name}_{number}")];
        foreach (var session in sessions)
        {
            await table.SqlAsync("begin; select pg_current_xact_id();", session);
        }

        // The youngest first, so each stamp is one above the last, and none is its writer's id.
        foreach (var session in sessions.Reverse())
        {
            await table.SqlAsync($"update {table.Name} set name = '{session}'; commit;", session);
            Assert.False((await table.StateAsync()).GetProperty("needs_restamp").GetBoolean());
            await backends.Main.Host.CloseSessionAsync(session, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Horizon_RowsWereRemovedAndNotVacuumed_ReadsAFewBlocksOnly()
    {
        var backend = await backends.GetExactAsync();
        backend.RequireSessions();
        var table = await KitTable.CreateAsync(backend);
        await table.SqlAsync(
            $"""
            alter table {table.Name} set (autovacuum_enabled = false);
            alter table {table.Tombstones} set (autovacuum_enabled = false);
            insert into {table.Name} (id, owner_id) select i, '{Owner}' from generate_series(1, 20000) as i;
            delete from {table.Name};
            delete from {table.Tombstones};
            analyze {table.Name}; analyze {table.Tombstones};
            """,
            table.Name);
        var request = $$"""select agent_sync.horizon('{"tables":["{{table.FullName}}"]}');""";
        await table.SqlAsync(request, table.Name);

        var before = await BlocksAsync(table);
        await table.SqlAsync(request, table.Name);
        var blocks = await BlocksAsync(table) - before;
        await backend.Host.CloseSessionAsync(table.Name, TestContext.Current.CancellationToken);

        Assert.InRange(blocks, 0, 20);
    }

    /// <summary>Returns how many blocks of the table, the tombstones and their indexes the test's session has read.</summary>
    private static async Task<long> BlocksAsync(KitTable table)
    {
        await table.SqlAsync("select pg_stat_force_next_flush()", table.Name);
        var rows = await table.SqlAsync(
            $"select sum(heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)::int as count from pg_statio_user_tables where relid in ('{table.Name}'::regclass, '{table.Tombstones}'::regclass)",
            table.Name);
        return rows[0].GetProperty("count").GetInt64();
    }

    private static async Task WriteAsync(KitTable table, int number, CancellationToken isOver)
    {
        var session = string.Create(CultureInfo.InvariantCulture, $"{table.Name}_w{number}");
        for (var round = 1; !isOver.IsCancellationRequested; round++)
        {
            var own = (number * 1_000_000) + round;
            await table.SqlAsync(
                $"""
                begin; update {table.Name} set name = 'a' where id = {number}; savepoint s; update {table.Name} set name = 'b' where id = {number}; commit;
                insert into {table.Name} (id, owner_id) values ({own}, '{Owner}'); delete from {table.Name} where id = {own};
                """,
                session);
        }
    }

    /// <summary>What a dump brings along that was loaded into this cluster, whose transaction ids are above all of it.</summary>
    private static async Task RestoreElsewhereAsync(KitTable table) =>
        await table.SqlAsync($"update agent_sync_private.tables set cluster_id = 'another', table_oid = 1 where relid = '{table.Name}'::regclass");

    private static async Task<bool> IsOwnAsync(KitTable table) =>
        (await table.SqlAsync($"select cluster_id = agent_sync_private.cluster_id(false) as is_own from agent_sync_private.tables where relid = '{table.Name}'::regclass"))[0]
            .GetProperty("is_own").GetBoolean();
}
