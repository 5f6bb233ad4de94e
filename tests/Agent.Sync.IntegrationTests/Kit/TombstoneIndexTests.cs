using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>An index that serves pages of the table serves pages of its tombstones too.</summary>
public sealed class TombstoneIndexTests(BackendFixture backends)
{
    private static readonly Guid Owner = Guid.NewGuid();

    [Theory]
    [InlineData("create index on {0} (owner_id, sync_seq, id)", "owner_id, sync_seq, id")]
    [InlineData("create unique index on {0} (owner_id desc, sync_seq, id) include (name)", "owner_id, sync_seq, id")]
    [InlineData("create index on {0} (owner_id, state, sync_seq, id)", "owner_id, state, sync_seq, id")]
    [InlineData("create index on {0} (name, sync_seq, id)", null)]
    [InlineData("create index on {0} (owner_id, sync_seq)", null)]
    [InlineData("create index on {0} (owner_id, sync_seq, id) where state is null", null)]
    [InlineData("create index on {0} (owner_id, lower(state), sync_seq, id)", null)]
    [InlineData("create index on {0} using brin (owner_id, sync_seq, id)", null)]
    public async Task Enable_TableHasAnIndexOfItsOwn_TombstonesHaveItWhereItServesThem(string create, string? columns)
    {
        var table = await KitTable.CreateAsync(backends.Main, "id bigint primary key, owner_id uuid, name text, state text", enable: ", filter_columns => '{state}'");
        await table.SqlAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, create, table.Name));

        await table.EnableAsync();
        await table.EnableAsync();

        string[] expected = [.. new[] { "id", "sync_seq, id", columns }.OfType<string>().Order(StringComparer.Ordinal)];
        Assert.Equal(expected, await IndexesAsync(table));
        Assert.Empty(await table.ProblemsAsync());
    }

    [Fact]
    public async Task Page_OfOneUserAmongMany_ReadsThatUsersTombstonesOnly()
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main);
        await table.SqlAsync($"create index on {table.Name} (owner_id, sync_seq, id); select agent_sync.enable('{table.Name}');");
        await table.SqlAsync(
            $"""
            insert into {table.Name} (id, owner_id) select i, case when i % 1000 = 0 then '{Owner}' else gen_random_uuid() end from generate_series(1, 10000) as i;
            delete from {table.Name}; analyze {table.Tombstones};
            """);

        var plan = await table.SqlAsAsync(Owner, $"explain (analyze, timing off, costs off, summary off) select id, sync_seq from {table.Tombstones} where sync_seq >= 1 order by sync_seq, id limit 1000;");

        var text = string.Join('\n', plan.Select(static line => line.GetProperty("QUERY PLAN").GetString()));
        Assert.Contains("Index Cond: ((owner_id", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Rows Removed", text, StringComparison.Ordinal);
    }

    private static async Task<string[]> IndexesAsync(KitTable table) =>
        [.. (await table.SqlAsync($"select substring(indexdef from '[(](.*)[)]$') as columns from pg_indexes where schemaname = 'agent_sync' and tablename = '{table.Name}'"))
            .Select(static row => row.GetProperty("columns").GetString()!).Order(StringComparer.Ordinal)];
}
