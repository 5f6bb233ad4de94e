using System.Text.Json;
using Agent.Sync.IntegrationTests.Backends;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>The kit where its owner is no superuser.</summary>
public sealed class HostedClusterTests(HostedCluster cluster) : IClassFixture<HostedCluster>
{
    private static readonly Guid Ada = Guid.NewGuid();
    private static readonly Guid Bob = Guid.NewGuid();

    [Theory]
    [InlineData("")]
    [InlineData("force row level security")]
    public async Task Kit_OwnerIsNoSuperuser_EverythingWorksForASignedInUser(string alteration)
    {
        cluster.Backend.RequireSessions();
        var table = await CreateAsync(alteration);

        await table.SqlAsAsync(Ada, $"insert into {table.Name} (id, owner_id, name) values (1, '{Ada}', 'a'), (2, '{Ada}', 'b');");
        await table.SqlAsAsync(Bob, $"insert into {table.Name} (id, owner_id, name) values (3, '{Bob}', 'c');");
        var first = await table.StateAsync();
        var answer = await table.PushAsync(Ada, new KitBatch().Insert(4, Ada, "d").Update(1, null, "new").Delete(2, null).Insert(5, Bob, "not mine").Insert(3, Ada, "taken"));
        await table.SqlAsAsync(Bob, $"delete from {table.Name};");
        var horizon = await table.HorizonAsync();

        Assert.Equal(["applied", "applied", "applied", "rejected:42501", "rejected:42501"], answer.Outcomes);
        Assert.Equal([2], (await table.TombstonesOfAsync(Ada)).Keys);
        Assert.Equal([3], (await table.TombstonesOfAsync(Bob)).Keys);
        Assert.Equal(2, (await table.SqlAsAsync(Ada, $"select id from {table.Name};")).Count);
        var state = horizon.GetProperty("tables").GetProperty(table.FullName);
        Assert.Equal(first.ToString(), state.ToString());
        Assert.Equal(JsonValueKind.Null, state.GetProperty("problem").ValueKind);
        Assert.False(state.GetProperty("needs_restamp").GetBoolean());
        Assert.False(state.GetProperty("policies_changed").GetBoolean());
        Assert.Empty(await table.ProblemsAsync());
    }

    [Fact]
    public async Task Kit_EventTriggerAndDefaultPrivileges_NobodyReadsOrWritesMoreThanElsewhere()
    {
        cluster.Backend.RequireSessions();
        var table = await CreateAsync();

        var rows = await table.SqlAsync(
            $"""
            select r || ' ' || t || ' ' || p as privilege from unnest(array['anon', 'authenticated', 'service_role']) as r,
                unnest(array['{table.Tombstones}', 'agent_sync_private.tables', 'agent_sync_private.ledger']) as t, unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) as p
            where has_table_privilege(r, t, p) and has_schema_privilege(r, split_part(t, '.', 1), 'USAGE') order by 1
            """);

        Assert.DoesNotContain(rows, static row => row.GetProperty("privilege").GetString()!.StartsWith("anon agent_sync_private", StringComparison.Ordinal));
        Assert.DoesNotContain(rows, row => row.GetProperty("privilege").GetString() is { } text && text.Contains(table.Tombstones, StringComparison.Ordinal) && !text.EndsWith("SELECT", StringComparison.Ordinal));
        Assert.DoesNotContain(rows, static row => row.GetProperty("privilege").GetString() is { } text && text.Contains("private.tables", StringComparison.Ordinal) && !text.EndsWith("SELECT", StringComparison.Ordinal));
        await Assert.ThrowsAsync<LocalBackendException>(() => table.SqlAsync("set role anon; select agent_sync.push('{}');", $"{table.Name}_anon"));
        await cluster.Backend.Host.CloseSessionAsync($"{table.Name}_anon", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Kit_MigrationIsAppliedAgain_KeepsWhatIsEnabled()
    {
        cluster.Backend.RequireSessions();
        var table = await CreateAsync();
        await table.InsertAsync(Ada, 1, 2);
        await table.SqlAsync($"delete from {table.Name} where id = 1");
        var before = (await table.StateAsync()).ToString();

        await cluster.InstallAsync();
        await cluster.OwnerAsync($"select agent_sync.enable('{table.Name}'); select * from agent_sync.prune('{table.Name}');");

        Assert.Equal(before, (await table.StateAsync()).ToString());
        Assert.Equal([1], (await table.TombstonesOfAsync(Ada)).Keys);
        Assert.Empty(await table.ProblemsAsync());
    }

    [Fact]
    public async Task Enable_RowLevelSecurityIsForcedOnAnOwnerWhoDoesNotBypassIt_IsRefusedAndToldLater()
    {
        cluster.Backend.RequireSessions();
        var table = await CreateAsync();
        var forced = await CreateAsync(enable: false, alteration: "force row level security");
        try
        {
            await table.SqlAsync($"alter role {HostedCluster.Owner} nobypassrls");
            Assert.Equal(JsonValueKind.Null, (await table.StateAsync()).GetProperty("problem").ValueKind);

            var refusal = await Assert.ThrowsAsync<LocalBackendException>(() => cluster.OwnerAsync($"select agent_sync.enable('{forced.Name}')"));
            await cluster.OwnerAsync($"alter table {table.Name} force row level security");

            Assert.Equal("55000", refusal.Code);
            Assert.Contains("FORCE", refusal.Message, StringComparison.Ordinal);
            Assert.Equal("forced", (await table.StateAsync()).GetProperty("problem").GetString());
            Assert.Contains(await table.ProblemsAsync(), static problem => problem.Contains("NO FORCE", StringComparison.Ordinal));
            await cluster.OwnerAsync($"alter table {table.Name} no force row level security");
            Assert.Equal(JsonValueKind.Null, (await table.StateAsync()).GetProperty("problem").ValueKind);
        }
        finally
        {
            await table.SqlAsync($"alter role {HostedCluster.Owner} bypassrls");
        }
    }

    private async Task<KitTable> CreateAsync(string alteration = "", bool enable = true)
    {
        var table = new KitTable(cluster.Backend, $"t_{Guid.NewGuid():N}");
        await cluster.OwnerAsync(
            $"""
            create table {table.Name} ({KitTable.Columns});
            create policy own on {table.Name} to authenticated using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));
            {(alteration.Length > 0 ? $"alter table {table.Name} {alteration};" : string.Empty)}
            """);
        if (enable)
        {
            await cluster.OwnerAsync($"select agent_sync.enable('{table.FullName}')");
        }

        return table;
    }
}
