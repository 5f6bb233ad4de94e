using Agent.Sync.IntegrationTests.Backends;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>Switching the kit on and off for a table in use: it waits for a while, never for ever, and leaves nothing half done.</summary>
public sealed class EnableLockTests(BackendFixture backends)
{
    private static readonly Guid Owner = Guid.NewGuid();

    [Fact]
    public async Task Enable_WriterStaysOpen_GivesUpWithoutATraceAndReadersGetThrough()
    {
        var table = await OpenAsync();
        var before = await DescribeAsync(table);
        await table.SqlAsync($"begin; insert into {table.Name} (id, owner_id) values (1, '{Owner}');", Session(table, "writer"));

        var enabling = Record.ExceptionAsync(() => table.SqlAsync($"select agent_sync.enable('{table.Name}')", Session(table, "enable")));
        await UntilItWaitsAsync(table);
        // It queues behind the one that waits.
        var read = await table.SqlAsync($"select count(*)::int as count from {table.Name}", Session(table, "reader"));
        var refusal = Assert.IsType<LocalBackendException>(await enabling);

        Assert.Equal("55P03", refusal.Code);
        Assert.Contains("lock timeout", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, read[0].GetProperty("count").GetInt32());
        Assert.Equal(before, await DescribeAsync(table));
        await EndAsync(table, "writer", "commit");
        await table.EnableAsync();
        Assert.Empty(await table.ProblemsAsync());
        await EndAsync(table, "enable", "select 1");
        await EndAsync(table, "reader", "select 1");
    }

    [Fact]
    public async Task Enable_ColumnAndIndexAreThereAlready_WaitsForNoReader()
    {
        var table = await OpenAsync();
        await table.SqlAsync($"alter table {table.Name} add column sync_seq bigint not null default 0; create index on {table.Name} (sync_seq, id);");
        await table.SqlAsync($"begin; select count(*) from {table.Name};", Session(table, "reader"));

        await table.EnableAsync();

        Assert.Empty(await table.SqlAsync($"select id from {table.Name}", Session(table, "reader")));
        await EndAsync(table, "reader", "commit");
        Assert.Empty(await table.ProblemsAsync());
    }

    [Fact]
    public async Task Disable_WriterStaysOpen_GivesUpAndTheKitWorksOn()
    {
        var table = await OpenAsync();
        await table.EnableAsync();
        await table.SqlAsync($"begin; insert into {table.Name} (id, owner_id) values (1, '{Owner}');", Session(table, "writer"));

        var refusal = await Assert.ThrowsAsync<LocalBackendException>(() => table.SqlAsync($"select agent_sync.disable('{table.Name}')"));
        await table.SqlAsync($"delete from {table.Name}", Session(table, "writer"));
        await EndAsync(table, "writer", "commit");

        Assert.Equal("55P03", refusal.Code);
        Assert.Empty(await table.ProblemsAsync());
        Assert.Equal([1], (await table.TombstonesOfAsync(Owner)).Keys);
        await table.SqlAsync($"select agent_sync.disable('{table.Name}')");
    }

    [Fact]
    public async Task EnableAndDisable_WriterWithPreparedStatements_NoticesNothing()
    {
        var table = await OpenAsync();
        var session = Session(table, "writer");
        await table.SqlAsync(
            $"""
            prepare put (bigint) as insert into {table.Name} (id, owner_id) values ($1, '{Owner}');
            prepare change (bigint) as update {table.Name} set owner_id = gen_random_uuid() where id = $1 returning id;
            prepare remove (bigint) as delete from {table.Name} where id = $1;
            """,
            session);
        string[] calls = ["enable", "enable", "disable", "enable", "disable"];
        for (var round = 0; round < calls.Length; round++)
        {
            // Each statement often enough for a generic plan.
            for (var id = 0; id < 7; id++)
            {
                await table.SqlAsync($"execute put ({id})", session);
                Assert.Single(await table.SqlAsync($"execute change ({id})", session));
                await table.SqlAsync($"execute remove ({id})", session);
            }

            await table.SqlAsync($"select agent_sync.{calls[round]}('{table.Name}')");
        }

        await table.SqlAsync("execute put (100)", session);
        await table.SqlAsync("execute remove (100)", session);
        Assert.Empty(await table.SqlAsync($"select tgname from pg_trigger where tgrelid = '{table.Name}'::regclass"));
        await EndAsync(table, "writer", "select 1");
    }

    private static string Session(KitTable table, string role) => $"{table.Name}-{role}";

    /// <summary>Waits until a session waits for a lock on the table.</summary>
    private static async Task UntilItWaitsAsync(KitTable table)
    {
        while ((await table.SqlAsync($"select from pg_locks where relation = '{table.Name}'::regclass and not granted")).Count == 0)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Reads what of the kit is on the table, or meant for it.</summary>
    private static async Task<string> DescribeAsync(KitTable table) => (await table.SqlAsync(
        $"""
        select (select json_agg(a.attname order by a.attnum) from pg_attribute as a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
            (select json_agg(t.tgname) from pg_trigger as t where t.tgrelid = c.oid) as triggers,
            (select json_agg(i.indexrelid::regclass) from pg_index as i where i.indrelid = c.oid) as indexes,
            (select json_agg(e.id) from agent_sync_private.tables as e where e.relid = c.oid) as entries,
            to_regclass('{table.Tombstones}') as tombstones
        from pg_class as c where c.oid = '{table.Name}'::regclass
        """))[0].ToString();

    private async Task<KitTable> OpenAsync()
    {
        backends.Main.RequireSessions();
        return await KitTable.CreateAsync(backends.Main, enable: null);
    }

    private async Task EndAsync(KitTable table, string role, string sql)
    {
        await table.SqlAsync(sql, Session(table, role));
        await backends.Main.Host.CloseSessionAsync(Session(table, role), TestContext.Current.CancellationToken);
    }
}
