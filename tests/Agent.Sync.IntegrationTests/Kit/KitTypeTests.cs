using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>Names, types and the life of an enabled table: extensions' types, every word of the kit as a column, renames, copies of the schema, an older kit.</summary>
public sealed class KitTypeTests(BackendFixture backends)
{
    private static readonly Guid Ada = Guid.NewGuid();
    private static readonly string[] Words =
    [
        "r", "t", "n", "d", "i", "k", "a", "c", "e", "old", "new", "xid", "live", "found_key", "stamp", "scans", "floor", "~floor", "~1", "entry", "tg_op", "kit",
        "inserted_rows", "deleted_rows", "select", "user", "Mixed Case", "a\"b", "it's", "$b$", "$f$", "a%s%I$1", "text", "bigint",
    ];

    [Fact]
    public async Task Key_OfEveryWordOfTheKit_TombstonesFollow()
    {
        var table = new KitTable(backends.Main, $"t_{Guid.NewGuid():N}");
        var quoted = Words.Select(static word => $"\"{word.Replace("\"", "\"\"", StringComparison.Ordinal)}\"").ToArray();
        var half = quoted.Length / 2;
        foreach (var (key, kept) in new[] { (quoted[..half], quoted[half..]), (quoted[half..], quoted[..half]) })
        {
            await table.SqlAsync(
                $"""
                drop table if exists {table.Name};
                create table {table.Name} ({string.Join(", ", key.Concat(kept).Select(static name => $"{name} bigint not null default 0"))}, primary key ({string.Join(", ", key)}));
                grant select on {table.Name} to authenticated;
                """);
            await table.EnableAsync($", filter_columns => array[{string.Join(", ", kept.Select(static name => KitTable.Quote(name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal))))}]");

            await table.SqlAsync(
                $"""
                insert into {table.Name} ({key[0]}) values (1), (2), (3);
                update {table.Name} set {kept[0]} = 5 where {key[0]} = 1;
                update {table.Name} set {key[1]} = 5 where {key[0]} = 2;
                delete from {table.Name} where {key[0]} = 3;
                begin; insert into {table.Name} ({key[0]}) values (4); delete from {table.Name} where {key[0]} = 4; insert into {table.Name} ({key[0]}) values (4); commit;
                """);

            var rows = await table.SqlAsync($"select {key[0]}::int as key from {table.Tombstones} order by 1");
            Assert.Equal([1, 2, 3], rows.Select(static row => row.GetProperty("key").GetInt32()).Distinct());
            Assert.Empty(await table.ProblemsAsync());
        }
    }

    [Fact]
    public async Task Insert_BelowATombstoneWithAKeyNamedFloor_IsRestamped()
    {
        backends.Main.RequireSessions();
        var table = new KitTable(backends.Main, $"t_{Guid.NewGuid():N}");
        await table.SqlAsync($"create table {table.Name} (floor bigint primary key, owner_id uuid); grant select on {table.Name} to authenticated; select agent_sync.enable('{table.Name}'); insert into {table.Name} values (1, null);");
        await table.SqlAsync("begin; select pg_current_xact_id();", table.Name);
        await table.SqlAsync($"delete from {table.Name}");

        await table.SqlAsync($"insert into {table.Name} values (1, '{Ada}'); commit;", table.Name);

        Assert.Empty(await table.SqlAsync($"select 1 from {table.Name} as x join {table.Tombstones} as y on y.sync_seq > x.sync_seq"));
        await backends.Main.Host.CloseSessionAsync(table.Name, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Tombstones_TypesOfExtensionsAndJsonWithNul_AreKept()
    {
        backends.Main.RequireSessions();
        var table = new KitTable(backends.Main, $"t_{Guid.NewGuid():N}");
        await table.SqlAsync(
            $$"""
            create schema if not exists extensions;
            create extension if not exists ltree schema extensions; create extension if not exists hstore schema extensions; create extension if not exists citext schema extensions;
            grant usage on schema extensions to authenticated;
            create table {{table.Name}} (path extensions.ltree, mail extensions.citext, tags extensions.hstore, body json, doc xml, score numeric, primary key (path, mail));
            alter table {{table.Name}} enable row level security;
            create policy p on {{table.Name}} for select to authenticated using (body is not null and tags operator(extensions.->) 'o' = '1');
            grant select on {{table.Name}} to authenticated;
            select agent_sync.enable('{{table.Name}}', filter_columns => '{score}');
            insert into {{table.Name}} values ('a.b', 'X', 'o=>1', '{"a":"\u0000"}', null, 1.0), ('a.c', 'Y', 'o=>1', '{}', null, 1);
            """);

        await table.SqlAsync(
            $$"""
            update {{table.Name}} set body = '{"b":"\u0000"}' where path = 'a.b'::extensions.ltree;
            update {{table.Name}} set mail = 'x' where mail operator(extensions.=) 'X'::extensions.citext;
            delete from {{table.Name}} where path = 'a.c'::extensions.ltree;
            insert into {{table.Name}} values ('a.c', 'Y', 'o=>1', '{}', null, 1);
            """.Replace("path = '", "path operator(extensions.=) '", StringComparison.Ordinal));

        var rows = await table.SqlAsAsync(Ada, $"select path::text || mail::text as key, body::text as body from {table.Tombstones} order by 1, 2;");
        Assert.Equal(["a.bX", "a.bX"], rows.Select(static row => row.GetProperty("key").GetString()));
        Assert.Empty(await table.ProblemsAsync());
    }

    [Fact]
    public async Task Enable_AfterRenames_KeepsTombstonesPositionsAndArguments()
    {
        var table = await KitTable.CreateAsync(backends.Main, "id bigint primary key, owner_id uuid not null, name text, state text", enable: ", filter_columns => '{state,name}'");
        await table.InsertAsync(Ada, 1, 2);
        await table.SqlAsync($"delete from {table.Name} where id = 1");
        var epoch = (await table.StateAsync()).GetProperty("epoch").GetString();

        await table.SqlAsync($"begin; alter table {table.Name} rename column id to uid; alter table {table.Name} rename column state to x; alter table {table.Name} rename column name to state; alter table {table.Name} rename column x to name; select agent_sync.enable('{table.Name}'); commit;");
        await table.SqlAsync($"delete from {table.Name} where uid = 2");

        var rows = await table.SqlAsync($"select uid::int as uid, name, state is not null as has_state from {table.Tombstones} order by 1");
        Assert.Equal([1, 2], rows.Select(static row => row.GetProperty("uid").GetInt32()));
        Assert.All(rows, static row => Assert.True(row.GetProperty("has_state").GetBoolean()));
        Assert.Empty(await table.ProblemsAsync());
        // The columns that swapped their names are others to a device.
        Assert.NotEqual(epoch, (await table.StateAsync()).GetProperty("epoch").GetString());
    }

    [Fact]
    public async Task Enable_AfterAFilterColumnWasRetyped_Works()
    {
        var table = await KitTable.CreateAsync(backends.Main, enable: ", filter_columns => '{state}'");
        await table.InsertAsync(Ada, 1);

        await table.SqlAsync($"begin; alter table {table.Name} alter column state type varchar(10); select agent_sync.enable('{table.Name}'); commit;");
        await table.SqlAsync($"update {table.Name} set state = 'x'");

        Assert.Equal([1], (await table.TombstonesOfAsync(Ada)).Keys);
        Assert.Empty(await table.ProblemsAsync());
    }

    [Fact]
    public async Task Rename_OfTheTable_NeedsNothing()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1);
        var renamed = new KitTable(backends.Main, $"{table.Name}_new");

        await table.SqlAsync($"alter table {table.Name} rename to {renamed.Name}; delete from {renamed.Name}; insert into {renamed.Name} (id, owner_id) values (1, '{Ada}'), (2, '{Ada}'); delete from {renamed.Name} where id = 2;");

        Assert.Equal([2], (await table.TombstonesOfAsync(Ada)).Keys);
        Assert.Empty(await renamed.ProblemsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Enable_CopyOfTheSchemaWithoutBookkeeping_Heals(bool heals)
    {
        var table = await KitTable.CreateAsync(backends.Main);
        // What pg_dump --schema-only leaves: everything but the entry.
        await table.SqlAsync($"delete from agent_sync_private.tables where relid = '{table.Name}'::regclass");
        await table.InsertAsync(Ada, 1);
        await table.SqlAsync($"delete from {table.Name}; truncate {table.Name};");

        if (heals)
        {
            await table.EnableAsync();
            await table.InsertAsync(Ada, 2);
            await table.SqlAsync($"delete from {table.Name}");
            Assert.Equal([2], (await table.TombstonesOfAsync(Ada)).Keys);
            Assert.Empty(await table.ProblemsAsync());
        }
        else
        {
            await table.SqlAsync($"select agent_sync.disable('{table.Name}')");
            var rows = await table.SqlAsync($"select (select count(*)::int from pg_trigger where tgrelid = '{table.Name}'::regclass) as triggers, to_regclass('{table.Tombstones}') is null as is_gone");
            Assert.Equal((0, true), (rows[0].GetProperty("triggers").GetInt32(), rows[0].GetProperty("is_gone").GetBoolean()));
        }
    }

    [Fact]
    public async Task Migration_OverVersion1_KeepsPositionsTombstonesAndOperations()
    {
        await using var backend = await Backend.StartAsync(new BackendHost.LocalBackendOptions { Kit = false });
        var table = await KitTable.CreateAsync(backend, enable: null);
        var parts = await KitTable.CreateAsync(backend, "id bigint primary key, owner_id uuid", enable: null, options: "partition by range (id)");
        await table.SqlAsync($"begin;\n{await File.ReadAllTextAsync(PathOf("tests", "Agent.Sync.IntegrationTests", "Kit", "agent_sync_kit_1.sql"), TestContext.Current.CancellationToken)}\ncommit;");
        await table.EnableAsync(", filter_columns => '{state}', retention => '7 days'");
        await parts.SqlAsync($"create table {parts.Name}_0 partition of {parts.Name} for values from (0) to (10); select agent_sync.enable('{parts.Name}');");
        await table.InsertAsync(Ada, 1, 2);
        await table.SqlAsync($"delete from {table.Name} where id = 1; insert into {parts.Name} values (1, '{Ada}'); delete from {parts.Name};");
        await table.SqlAsAsync(Ada, $"insert into agent_sync_private.ledger (user_id, op) values ('{Ada}', gen_random_uuid());");
        var stamp = await table.StampAsync(2);
        var before = (Epoch(await table.StateAsync()), Epoch(await parts.StateAsync()), (await table.TombstonesOfAsync(Ada))[1]);

        await table.SqlAsync($"begin;\n{await File.ReadAllTextAsync(PathOf("supabase", "migrations", "20260201000000_agent_sync_kit.sql"), TestContext.Current.CancellationToken)}\ncommit;");
        await table.EnableAsync();
        await parts.EnableAsync();

        Assert.Equal(before, (Epoch(await table.StateAsync()), Epoch(await parts.StateAsync()), (await table.TombstonesOfAsync(Ada))[1]));
        Assert.Equal(stamp, await table.StampAsync(2));
        Assert.Single(await parts.TombstonesOfAsync(Ada));
        var rows = await table.SqlAsync(
            $"""
            select (select count(*)::int from agent_sync_private.ledger) as operations, (select min(kit) from agent_sync_private.tables) as kit,
                (select filter_columns::text || retention from agent_sync_private.tables where relid = '{table.Name}'::regclass) as arguments,
                (select count(*)::int from pg_proc where pronamespace::regnamespace::text like 'agent\_sync%' and (proname in ('rebase', 'stamp') or proname like 'updated\_%')) as old
            """);
        Assert.Equal((1, 2, "{state}7 days", 0), (rows[0].GetProperty("operations").GetInt32(), rows[0].GetProperty("kit").GetInt32(), rows[0].GetProperty("arguments").GetString(), rows[0].GetProperty("old").GetInt32()));
        Assert.Empty(await table.ProblemsAsync());
        Assert.Empty(await parts.ProblemsAsync());
        await table.SqlAsync($"delete from {table.Name}");
        Assert.Equal([1, 2], (await table.TombstonesOfAsync(Ada)).Keys.Order());
    }

    private static string Epoch(System.Text.Json.JsonElement state) => state.GetProperty("epoch").GetString()!;

    private static string PathOf(params string[] parts) => Path.Combine([Processes.Repository.Root, .. parts]);
}
