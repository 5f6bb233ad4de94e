using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agent.Sync.IntegrationTests.Backends;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>What users of the API may do in the kit's schemas, and nothing more.</summary>
public sealed class GrantTests(BackendFixture backends)
{
    private static readonly Guid Ada = Guid.NewGuid();
    private static readonly Guid Bob = Guid.NewGuid();

    [Theory]
    [InlineData("anon", "")]
    [InlineData("authenticated", "agent_sync.@: SELECT; agent_sync_private.ledger: DELETE, INSERT, SELECT; agent_sync_private.tables: SELECT")]
    public async Task Grants_OnTables_AreTheLeast(string role, string expected)
    {
        var table = await KitTable.CreateAsync(backends.Main);

        var granted = await table.SqlAsync(
            $"""
            select string_agg(name || ': ' || privileges, '; ' order by name) as text from (
                select n.nspname || '.' || c.relname as name, string_agg(p, ', ' order by p) as privileges
                from pg_class as c join pg_namespace as n on n.oid = c.relnamespace,
                    unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) as p
                where n.nspname like 'agent\_sync%' and c.relkind in ('r', 'p', 'v')
                    and (n.nspname = 'agent_sync_private' or c.relname = '{table.Name}') and has_table_privilege('{role}', c.oid, p)
                group by 1) as g
            """);

        Assert.Equal(expected.Replace("@", table.Name, StringComparison.Ordinal), granted[0].GetProperty("text").GetString() ?? string.Empty);
    }

    [Fact]
    public async Task Grants_OnFunctions_AnonHasNoneAndUsersHaveThreeInTheExposedSchema()
    {
        var table = new KitTable(backends.Main, "unused");

        // may_read goes with the grant of a table: a test beside this one lets anon read some.
        var rows = await table.SqlAsync(
            """
            select (select json_agg(p.proname order by p.proname) from pg_proc as p
                    where p.pronamespace = 'agent_sync'::regnamespace and has_function_privilege('authenticated', p.oid, 'execute')) as users,
                (select count(*)::int from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
                    where n.nspname like 'agent\_sync%' and p.proname <> 'may_read' and has_function_privilege('anon', p.oid, 'execute')) as anon,
                (select count(*)::int from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
                    where n.nspname like 'agent\_sync%' and not exists (select from unnest(p.proconfig) as c where c = 'search_path=pg_catalog, pg_temp')) as open_search_path
            """);

        Assert.Equal("""["digest","horizon","push"]""", rows[0].GetProperty("users").GetRawText().Replace(" ", string.Empty, StringComparison.Ordinal));
        Assert.Equal((0, 0), (rows[0].GetProperty("anon").GetInt32(), rows[0].GetProperty("open_search_path").GetInt32()));
    }

    [Theory]
    [InlineData("insert into agent_sync.@ (id, owner_id, sync_seq) values (1, '00000000-0000-0000-0000-000000000001', 1)")]
    [InlineData("update agent_sync.@ set sync_seq = 1")]
    [InlineData("delete from agent_sync.@")]
    [InlineData("truncate agent_sync.@")]
    [InlineData("delete from agent_sync_private.tables")]
    [InlineData("update agent_sync_private.ledger set applied_at = now()")]
    [InlineData("insert into agent_sync_private.ledger (user_id, op) values ('00000000-0000-0000-0000-000000000001', gen_random_uuid())")]
    [InlineData("create table agent_sync.mine (id int)")]
    public async Task Write_IntoWhatIsTheKits_IsDenied(string sql)
    {
        var table = await KitTable.CreateAsync(backends.Main);

        var refusal = await Assert.ThrowsAsync<LocalBackendException>(
            () => table.SqlAsAsync(Ada, sql.Replace("@", table.Name, StringComparison.Ordinal)));

        Assert.Equal("42501", refusal.Code);
    }

    [Theory]
    [InlineData("agent_sync_private", "ledger", HttpStatusCode.NotAcceptable, "PGRST106")]
    [InlineData("agent_sync_private", "tables", HttpStatusCode.NotAcceptable, "PGRST106")]
    [InlineData("agent_sync", "artifacts", HttpStatusCode.Forbidden, "42501")]
    public async Task Api_WriteIntoWhatIsTheKits_IsRefused(string schema, string table, HttpStatusCode status, string code)
    {
        var user = await backends.Main.SignUpAsync();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(backends.Main.Host.Url, $"rest/v1/{table}"))
        {
            Content = JsonContent.Create(new JsonObject { ["sync_seq"] = 1 }),
        };
        request.Headers.Add("apikey", backends.Main.Host.PublishableKey);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", user.Token.Value);
        request.Content.Headers.Add("Content-Profile", schema);

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);

        Assert.Equal((status, code), (response.StatusCode, body.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Allow_RoleOfTheApps_MayUseTheKitAndIsToldBefore()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        var role = $"r_{table.Name}";
        await table.SqlAsync(
            $"""
            lock table agent_sync_private.tables in share row exclusive mode;
            create role {role}; grant usage on schema agent_sync, public, auth to {role};
            grant execute on function agent_sync.push(json), agent_sync.horizon(jsonb) to {role};
            create policy app on {table.Name} to {role} using (true);
            """);
        await table.EnableAsync();
        await table.SqlAsync($"grant select, insert on {table.Name} to {role}");
        var push = $"select agent_sync.push({KitTable.Quote(new KitBatch().Insert(1, Ada, "a").Json(table.FullName))}::json) #>> '{{outcomes,0,status}}' as status;";
        var horizon = $$"""select agent_sync.horizon('{"tables":["{{table.FullName}}"]}') #>> '{tables,{{table.FullName}},min_retained}' as status;""";
        string As(string sql) => $"begin; select set_config('role', '{role}', true); {sql} commit;";

        var refusals = new[]
        {
            await Assert.ThrowsAsync<LocalBackendException>(() => table.SqlAsync(As(push), role)),
            await Assert.ThrowsAsync<LocalBackendException>(() => table.SqlAsync("rollback; " + As(horizon), role)),
        };
        await table.SqlAsync($"rollback; select agent_sync.allow('{role}');", role);

        Assert.All(refusals, refusal => Assert.Equal(("42501", $"agent_sync: role {role} may not use the kit"), (refusal.Code, refusal.Message)));
        Assert.Equal("applied", (await table.SqlAsync(As(push), role))[0].GetProperty("status").GetString());
        Assert.Equal("0", (await table.SqlAsync(As(horizon), role))[0].GetProperty("status").GetString());
        await backends.Main.Host.CloseSessionAsync(role, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Ledger_OfAnotherUser_IsNeitherSeenNorRemoved()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        var batch = new KitBatch().Insert(1, Ada, "a").Insert(2, Ada, "b");
        await table.PushAsync(Ada, batch);
        var mine = $"from agent_sync_private.ledger where op in ('{batch.Operations[0]}', '{batch.Operations[1]}')";

        Assert.Empty(await table.SqlAsAsync(Bob, $"select op {mine};"));
        Assert.Empty(await table.SqlAsAsync(Bob, $"delete {mine} returning op;"));

        Assert.Equal(2, (await table.SqlAsAsync(Ada, $"select op {mine};")).Count);
    }

    [Fact]
    public async Task Enable_DefaultPrivilegesGiveEverythingToEverybody_TombstonesFollowTheTableOnly()
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main, enable: null);

        // Default privileges are the database's: they are put back with the rest.
        var rows = await table.SqlAsync(
            $"""
            begin;
            alter default privileges in schema agent_sync grant all on tables to anon, authenticated;
            select agent_sync.enable('{table.Name}');
            select r || ' ' || p as privilege from unnest(array['anon', 'authenticated']) as r, unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) as p
                where has_table_privilege(r, '{table.Tombstones}', p);
            """,
            table.Name);
        await table.SqlAsync("rollback", table.Name);
        await backends.Main.Host.CloseSessionAsync(table.Name, TestContext.Current.CancellationToken);

        Assert.Equal(["authenticated SELECT"], rows.Select(static row => row.GetProperty("privilege").GetString()));
    }
}
