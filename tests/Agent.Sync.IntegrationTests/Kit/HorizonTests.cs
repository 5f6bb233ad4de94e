using System.Globalization;
using System.Text.Json;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.Kit;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>Below the horizon nothing can appear any more.</summary>
public sealed class HorizonTests(BackendFixture backends)
{
    private static readonly Guid Owner = Guid.NewGuid();

    [Fact]
    public async Task Horizon_AnyTime_TellsVersionTimeAndWhichTablesAreEnabled()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        var other = await KitTable.CreateAsync(backends.Main, enable: null);

        var answer = await table.HorizonAsync();
        var rows = await table.SqlAsAsync(Owner, $$"""select agent_sync.horizon('{"tables":["{{other.FullName}}","nope","public.nope"]}') -> 'tables' as tables;""");

        Assert.Equal(SqlKit.Version, answer.GetProperty("kit").GetInt32());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$", answer.GetProperty("server_time").GetString());
        var state = answer.GetProperty("tables").GetProperty(table.FullName);
        Assert.Matches("^[0-9a-f]{32}$", state.GetProperty("epoch").GetString());
        Assert.Equal("0", state.GetProperty("min_retained").GetString());
        Assert.Equal(table.Name, state.GetProperty("tombstones").GetString());
        Assert.False(state.GetProperty("needs_restamp").GetBoolean());
        Assert.All(rows[0].GetProperty("tables").EnumerateObject(), static asked => Assert.Equal(JsonValueKind.Null, asked.Value.ValueKind));
    }

    [Fact]
    public async Task Horizon_AfterACommit_IsAboveItsRows()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);

        var answer = await table.HorizonAsync();

        Assert.True(await table.StampAsync(1) < Number(answer, "next"));
        Assert.True(Number(answer, "horizon") <= Number(answer, "next"));
    }

    [Theory]
    [InlineData("commit")]
    [InlineData("rollback")]
    public async Task Horizon_OpenWriter_StaysBelowItsRowsUntilItEnds(string end)
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main);
        var session = table.Name;
        var writer = await OpenAsync(table, session, $"savepoint a; insert into {table.Name} (id, owner_id) values (1, '{Owner}'); savepoint b;");
        await table.InsertAsync(Owner, 2);

        var during = await HeldByAsync(table, writer);
        await table.SqlAsync(end, session);
        var after = await table.HorizonAsync();

        Assert.True(await table.StampAsync(2) >= Number(during, "horizon"));
        var since = DateTimeOffset.Parse(during.GetProperty("oldest_writer_since").GetString()!, CultureInfo.InvariantCulture);
        Assert.True(since <= DateTimeOffset.Parse(during.GetProperty("server_time").GetString()!, CultureInfo.InvariantCulture));
        // Other tests may hold it now, but not this writer.
        Assert.NotEqual(writer, Number(after, "horizon"));
        await backends.Main.Host.CloseSessionAsync(session, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Horizon_PreparedTransaction_HoldsItToo()
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main);
        var writer = await OpenAsync(table, table.Name, $"insert into {table.Name} (id, owner_id) values (1, '{Owner}'); prepare transaction '{table.Name}';");
        try
        {
            // Nothing is held back until something has ended above it.
            await table.InsertAsync(Owner, 2);
            var during = await HeldByAsync(table, writer);

            Assert.Equal(JsonValueKind.String, during.GetProperty("oldest_writer_since").ValueKind);
        }
        finally
        {
            await table.SqlAsync($"rollback prepared '{table.Name}'");
            await backends.Main.Host.CloseSessionAsync(table.Name, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Truncate_OfATable_IsAnotherEpochWithoutTombstones()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1, 2);
        await table.SqlAsync($"delete from {table.Name} where id = 1");
        var before = await table.StateAsync();

        await table.SqlAsync($"begin; truncate {table.Name}; rollback;");
        Assert.Equal(before.ToString(), (await table.StateAsync()).ToString());
        await table.SqlAsync($"truncate {table.Name}");

        Assert.NotEqual(before.GetProperty("epoch").GetString(), (await table.StateAsync()).GetProperty("epoch").GetString());
        Assert.Empty(await table.TombstonesOfAsync(Owner));
    }

    [Fact]
    public async Task Truncate_OfOnePartition_IsAnotherEpochToo()
    {
        var table = await KitTable.CreateAsync(backends.Main, "id bigint primary key, owner_id uuid", enable: null, options: "partition by range (id)");
        await table.SqlAsync($"create table {table.Name}_0 partition of {table.Name} for values from (0) to (10); select agent_sync.enable('{table.Name}');");
        var before = (await table.StateAsync()).GetProperty("epoch").GetString();

        await table.SqlAsync($"truncate {table.Name}_0");

        Assert.NotEqual(before, (await table.StateAsync()).GetProperty("epoch").GetString());
    }

    [Fact]
    public async Task Restamp_RowsAheadOfTheCluster_AreBroughtDownAndNothingElseChanges()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.SqlAsync(
            $"""
            create function bump_{table.Name}() returns trigger language plpgsql as 'begin new.version := new.version + 1; return new; end';
            create trigger bump before update on {table.Name} for each row execute function bump_{table.Name}();
            alter table {table.Name} enable replica trigger bump;
            """);
        await table.InsertAsync(Owner, 1, 2, 3);
        await LoadFromADumpAsync(table, 5_000_000, "id < 3");
        var before = await table.StateAsync();
        Assert.True(before.GetProperty("needs_restamp").GetBoolean());
        Assert.Contains(await table.ProblemsAsync(), static problem => problem.Contains("restamp", StringComparison.Ordinal));

        var rows = await table.SqlAsync($"select agent_sync.restamp('{table.Name}')::int as count");

        // While a transaction of another test is open, the row of this cluster is not below the horizon, and goes along.
        Assert.InRange(rows[0].GetProperty("count").GetInt32(), 2, 3);
        var after = await table.HorizonAsync();
        Assert.True(await table.StampAsync(1) < Number(after, "next"));
        var state = after.GetProperty("tables").GetProperty(table.FullName);
        Assert.False(state.GetProperty("needs_restamp").GetBoolean());
        Assert.NotEqual(before.GetProperty("epoch").GetString(), state.GetProperty("epoch").GetString());
        rows = await table.SqlAsync(
            $"select (select max(version) from {table.Name})::int as version, (select tgenabled from pg_trigger where tgrelid = '{table.Name}'::regclass and tgname = 'bump') as mode");
        Assert.Equal(1, rows[0].GetProperty("version").GetInt32());
        Assert.Equal("R", rows[0].GetProperty("mode").GetString());
        Assert.Empty(await table.ProblemsAsync());
    }

    [Fact]
    public async Task NeedsRestamp_DumpIntoAnOlderCluster_IsFalse()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);

        await table.SqlAsync($"update agent_sync_private.tables set cluster_id = 'another' where relid = '{table.Name}'::regclass");

        Assert.False((await table.StateAsync()).GetProperty("needs_restamp").GetBoolean());
    }

    [Fact]
    public async Task NeedsRestamp_RowAFewIdsAheadFromAnotherCluster_IsTrueAndFromThisOneFalse()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);
        await table.SqlAsync($"alter table {table.Name} disable trigger user; update {table.Name} set sync_seq = pg_current_xact_id()::text::bigint + 5000; alter table {table.Name} enable always trigger \"~agent_sync_stamp\";");

        Assert.False((await table.StateAsync()).GetProperty("needs_restamp").GetBoolean());
        await table.SqlAsync($"update agent_sync_private.tables set cluster_id = 'another' where relid = '{table.Name}'::regclass");

        Assert.True((await table.StateAsync()).GetProperty("needs_restamp").GetBoolean());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"tables":"public.artifacts"}""")]
    [InlineData("""[]""")]
    public async Task Horizon_MalformedRequest_IsRefused(string request)
    {
        var table = new KitTable(backends.Main, "unused");

        var refusal = await Assert.ThrowsAsync<LocalBackendException>(() => table.SqlAsAsync(Owner, $"select agent_sync.horizon('{request}');"));

        Assert.Equal("42601", refusal.Code);
    }

    /// <summary>Asks until the writers of other tests, which may have begun earlier, have ended.</summary>
    private static async Task<JsonElement> HeldByAsync(KitTable table, long writer)
    {
        while (true)
        {
            var answer = await table.HorizonAsync();
            Assert.True(Number(answer, "horizon") <= writer);
            if (Number(answer, "horizon") == writer)
            {
                return answer;
            }
        }
    }

    private static async Task<long> OpenAsync(KitTable table, string session, string sql)
    {
        var rows = await table.SqlAsync("begin; select pg_current_xact_id()::text as id;", session);
        await table.SqlAsync(sql, session);
        return long.Parse(rows[0].GetProperty("id").GetString()!, CultureInfo.InvariantCulture);
    }

    private static async Task LoadFromADumpAsync(KitTable table, long ahead, string rows) => await table.SqlAsync(
        $"""
        alter table {table.Name} disable trigger "~agent_sync_stamp", disable trigger bump;
        update {table.Name} set sync_seq = pg_current_xact_id()::text::bigint + {ahead} where {rows};
        alter table {table.Name} enable always trigger "~agent_sync_stamp", enable replica trigger bump;
        """);

    private static long Number(JsonElement answer, string name) => long.Parse(answer.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
}
