using System.Globalization;
using Agent.Sync.IntegrationTests.Backends;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>Tombstones and the horizon show nobody more than the rows do, and the kit's functions run nobody else's code.</summary>
public sealed class TombstoneRightsTests(BackendFixture backends)
{
    private static readonly Guid Ada = Guid.NewGuid();
    private static readonly Guid Bob = Guid.NewGuid();
    private static readonly string[] Conditions =
        ["true", "false", "owner_id = (select auth.uid())", "owner_id is null", "team = 1", "is_open", "is_open or owner_id = auth.uid()", "team in (select 2)"];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Tombstones_RandomPolicies_AreSeenByWhoSawTheRows(int seed)
    {
        var random = new Random(seed);
        var table = new KitTable(backends.Main, $"t_{Guid.NewGuid():N}");
        await table.SqlAsync(
            $"""
            create table {table.Name} (id bigint primary key, owner_id uuid, team bigint, is_open boolean not null);
            alter table {table.Name} {(random.Next(6) == 0 ? "disable" : "enable")} row level security;
            {string.Join('\n', Enumerable.Range(0, random.Next(1, 6)).Select(number => PolicyOf(random, table.Name, number)))}
            grant select on {table.Name} to authenticated{(random.Next(2) == 0 ? ", anon" : string.Empty)};
            select agent_sync.enable('{table.Name}');
            insert into {table.Name} select row_number() over (), owner, team, is_open from unnest(array['{Ada}', '{Bob}', null]::uuid[]) as owner,
                generate_series(1, 3) as team, unnest(array[true, false]) as is_open;
            """);
        (string Role, Guid User)[] readers = [("authenticated", Ada), ("authenticated", Bob), ("authenticated", Guid.NewGuid()), ("anon", Ada)];
        var seen = new List<string>();
        foreach (var (role, user) in readers)
        {
            seen.Add(await ReadAsync(table, table.Name, role, user));
        }

        await table.SqlAsync($"delete from {table.Name}");

        for (var reader = 0; reader < readers.Length; reader++)
        {
            Assert.Equal(seen[reader], await ReadAsync(table, table.Tombstones, readers[reader].Role, readers[reader].User));
        }
    }

    [Fact]
    public async Task Tombstones_PolicyWithOnlyWithCheck_ShowsNone()
    {
        var table = await KitTable.CreateAsync(backends.Main, enable: null);
        await table.SqlAsync(
            $"""
            drop policy own_select on {table.Name};
            create policy everything on {table.Name} to authenticated with check (owner_id = (select auth.uid()));
            select agent_sync.enable('{table.Name}');
            """);
        await table.InsertAsync(Bob, 1);

        await table.SqlAsync($"delete from {table.Name}");

        Assert.Empty(await table.TombstonesOfAsync(Ada));
        Assert.Empty(await table.TombstonesOfAsync(Bob));
    }

    [Fact]
    public async Task Tombstones_SelectIsRevoked_AreHiddenAtOnce()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1);
        await table.SqlAsync($"delete from {table.Name}");
        Assert.Single(await table.TombstonesOfAsync(Ada));

        await table.SqlAsync($"revoke select on {table.Name} from authenticated");

        Assert.Empty(await table.TombstonesOfAsync(Ada));
        Assert.Contains(await table.ProblemsAsync(), static problem => problem.Contains("has the grants of its tombstones still", StringComparison.Ordinal));
        await table.EnableAsync();
        var refusal = await Assert.ThrowsAsync<LocalBackendException>(() => table.TombstonesOfAsync(Ada));
        Assert.Equal("42501", refusal.Code);
    }

    [Fact]
    public async Task Tombstones_AGrantedColumnIsRevoked_AreHiddenAtOnce()
    {
        var table = await KitTable.CreateAsync(backends.Main, enable: null);
        await table.SqlAsync($"revoke select on {table.Name} from authenticated; grant select (id, owner_id) on {table.Name} to authenticated; select agent_sync.enable('{table.Name}');");
        await table.InsertAsync(Ada, 1);
        await table.SqlAsync($"delete from {table.Name}");
        Assert.Single(await table.TombstonesOfAsync(Ada));

        await table.SqlAsync($"revoke select (owner_id) on {table.Name} from authenticated");

        Assert.Empty(await table.TombstonesOfAsync(Ada));
    }

    [Fact]
    public async Task Horizon_CallerMayReadNothingOfTheTable_AnswersLikeOneThatIsNotEnabled()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.SqlAsync($"revoke all on {table.Name} from authenticated");

        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await table.StateAsync()).ValueKind);

        await table.SqlAsync($"grant select (id) on {table.Name} to authenticated; select agent_sync.enable('{table.Name}');");
        Assert.Equal("""["id","sync_seq"]""", (await table.StateAsync()).GetProperty("columns").GetRawText().Replace(" ", string.Empty, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Horizon_RoleOfTheAppsOwnThatMayReadTheTable_IsAnswered()
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main, enable: null);
        var role = $"r_{table.Name}";
        await table.SqlAsync($"create role {role} nologin; grant usage on schema public, auth to {role}; grant select on {table.Name} to {role}; select agent_sync.enable('{table.Name}');");

        var rows = await table.SqlAsync($$"""select set_config('role', '{{role}}', true); select (agent_sync.horizon('{"tables":["{{table.FullName}}"]}') -> 'tables' -> '{{table.FullName}}' ->> 'problem') is null as is_well;""");

        Assert.True(rows[0].GetProperty("is_well").GetBoolean());
    }

    [Fact]
    public async Task Write_CallerHasTypesAndRelationsOfTheirOwn_NoneOfThemIsUsed()
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main);

        var rows = await table.SqlAsAsync(
            Ada,
            $"""
            create temp table evidence (who text);
            grant all on evidence to public;
            create function pg_temp.evil(value pg_catalog.text) returns boolean language plpgsql as 'begin insert into pg_temp.evidence values (current_user); return true; end';
            create domain pg_temp.text as pg_catalog.text check (pg_temp.evil(value));
            create domain pg_temp.bigint as pg_catalog.int8 check (pg_temp.evil(value::pg_catalog.text));
            create temp table pg_stat_activity (xact_start timestamptz, backend_xid pg_catalog.xid);
            create temp table pg_class (oid oid);
            insert into public.{table.Name} (id, owner_id, name) values (1, '{Ada}', 'x'), (2, '{Ada}', 'y');
            update public.{table.Name} set name = 'z' where id = 1;
            delete from public.{table.Name} where id = 1;
            insert into public.{table.Name} (id, owner_id, name) values (1, '{Ada}', 'back');
            select agent_sync.horizon(jsonb_build_object('tables', jsonb_build_array('{table.FullName}')));
            select who from evidence;
            """,
            table.Name);
        await table.SqlAsync("rollback", table.Name);
        await backends.Main.Host.CloseSessionAsync(table.Name, TestContext.Current.CancellationToken);

        Assert.Empty(rows);
    }

    [Fact]
    public async Task TriggerFunctions_DefaultPrivilegesGiveThemAway_NobodyMayPutThemOnATableOfTheirOwn()
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main, enable: null);

        var rows = await table.SqlAsync(
            $"""
            begin;
            alter default privileges grant execute on functions to anon, authenticated;
            select agent_sync.enable('{table.Name}');
            select p.proname from pg_proc as p join agent_sync_private.tables as t on p.proname like '%\_' || t.id
            where t.relid = '{table.Name}'::regclass and p.pronamespace = 'agent_sync_private'::regnamespace
                and (has_function_privilege('anon', p.oid, 'execute') or has_function_privilege('authenticated', p.oid, 'execute'));
            """,
            table.Name);
        await table.SqlAsync("rollback", table.Name);
        await backends.Main.Host.CloseSessionAsync(table.Name, TestContext.Current.CancellationToken);

        Assert.Empty(rows);
    }

    [Fact]
    public async Task Delete_PublicationForAllTables_WritersGoOn()
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1);
        await table.SqlAsync($"begin; create publication p_{table.Name} for all tables;", table.Name);

        await table.SqlAsync($"delete from {table.Name}; insert into {table.Name} (id, owner_id) values (1, '{Ada}'); truncate {table.Name};", table.Name);

        await table.SqlAsync("rollback", table.Name);
        await backends.Main.Host.CloseSessionAsync(table.Name, TestContext.Current.CancellationToken);
    }

    private static string PolicyOf(Random random, string table, int number)
    {
        var command = new[] { "all", "all", "select", "select", "select", "insert", "update", "delete" }[random.Next(8)];
        var condition = Conditions[random.Next(Conditions.Length)];
        var use = command != "insert" && random.Next(4) > 0 ? $" using ({condition})" : string.Empty;
        var check = command is "all" or "insert" or "update" && random.Next(2) == 0 ? $" with check ({Conditions[random.Next(Conditions.Length)]})" : string.Empty;
        var roles = new[] { "public", "authenticated", "anon", "authenticated, anon" }[random.Next(4)];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"create policy p{number} on {table} as {(random.Next(4) == 0 ? "restrictive" : "permissive")} for {command} to {roles}{use}{check};");
    }

    private static async Task<string> ReadAsync(KitTable table, string from, string role, Guid user)
    {
        try
        {
            var rows = await table.SqlAsync(
                $$"""
                select set_config('request.jwt.claims', '{"sub":"{{user}}","role":"{{role}}"}', true), set_config('request.jwt.claim.sub', '{{user}}', true),
                    set_config('role', '{{role}}', true);
                select coalesce(string_agg(distinct id::text, ',' order by id::text), '') as ids from {{from}};
                """);
            return rows[0].GetProperty("ids").GetString()!;
        }
        catch (LocalBackendException refusal) when (refusal.Code == "42501")
        {
            return "denied";
        }
    }
}
