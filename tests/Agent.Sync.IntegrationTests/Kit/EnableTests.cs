using Agent.Sync.IntegrationTests.Backends;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>Switching the kit on and off for a table.</summary>
public sealed class EnableTests(BackendFixture backends)
{
    private static readonly Guid Owner = Guid.NewGuid();

    [Fact]
    public async Task Enable_TableWithRows_LeavesThemAsTheyAre()
    {
        var table = await KitTable.CreateAsync(backends.Main, enable: null);
        await table.InsertAsync(Owner, 1, 2);
        var before = await table.SqlAsync($"select xmin::text as xmin from {table.Name}");

        await table.EnableAsync();

        Assert.Equal(0, await table.StampAsync(1));
        var after = await table.SqlAsync($"select xmin::text as xmin from {table.Name}");
        Assert.Equal(before.Select(static row => row.ToString()), after.Select(static row => row.ToString()));
        Assert.Empty(await table.ProblemsAsync());
    }

    [Fact]
    public async Task Enable_Twice_ChangesNothing()
    {
        var table = await KitTable.CreateAsync(backends.Main, enable: ", filter_columns => '{state}', retention => '7 days'");
        await table.InsertAsync(Owner, 1, 2);
        await table.SqlAsync($"delete from {table.Name} where id = 1");
        var before = (await table.StateAsync()).ToString();

        await table.EnableAsync();

        Assert.Equal(before, (await table.StateAsync()).ToString());
        Assert.Equal([1], (await table.TombstonesOfAsync(Owner)).Keys);
        var rows = await table.SqlAsync(
            $"select filter_columns::text as filters, retention::text as retention, (select count(*)::int from pg_indexes where tablename = '{table.Name}' and indexdef like '%sync_seq%') as indexes from agent_sync_private.tables where relid = '{table.Name}'::regclass");
        Assert.Equal("{state}", rows[0].GetProperty("filters").GetString());
        Assert.Equal("7 days", rows[0].GetProperty("retention").GetString());
        Assert.Equal(2, rows[0].GetProperty("indexes").GetInt32());
    }

    [Fact]
    public async Task Enable_AnIndexIsThere_MakesNoOther()
    {
        var table = await KitTable.CreateAsync(backends.Main, enable: null);
        await table.SqlAsync($"alter table {table.Name} add column sync_seq bigint not null default 0; create index mine_{table.Name} on {table.Name} (sync_seq, id);");

        await table.EnableAsync();

        var rows = await table.SqlAsync($"select indexname from pg_indexes where schemaname = 'public' and tablename = '{table.Name}' and indexdef like '%sync_seq%'");
        Assert.Equal($"mine_{table.Name}", Assert.Single(rows).GetProperty("indexname").GetString());
    }

    [Fact]
    public async Task Enable_WithoutAKey_IsRefused()
    {
        var table = await KitTable.CreateAsync(backends.Main, "id bigint, owner_id uuid", enable: null);

        await AssertRefusedAsync("42P16", "has no primary key", () => table.EnableAsync());
        await AssertRefusedAsync("42P16", "no unique index", () => table.EnableAsync(", key => '{id}'"));
    }

    [Fact]
    public async Task Enable_WithAUniqueIndexForAKey_UsesIt()
    {
        var table = await KitTable.CreateAsync(backends.Main, "id bigint not null, owner_id uuid not null, name text, unique (owner_id, id)", enable: ", key => '{id,owner_id}'");
        await table.InsertAsync(Owner, 1);

        await table.SqlAsync($"delete from {table.Name}");

        Assert.Equal([1], (await table.TombstonesOfAsync(Owner)).Keys);
    }

    [Fact]
    public async Task Enable_WhatIsNoPlainTable_IsRefused()
    {
        var table = await KitTable.CreateAsync(backends.Main, enable: null);
        await table.SqlAsync(
            $"""
            create view {table.Name}_v as select * from {table.Name};
            create table {table.Name}_child () inherits ({table.Name});
            """);

        await AssertRefusedAsync("42809", "is not a table", () => table.SqlAsync($"select agent_sync.enable('{table.Name}_v')"));
        await AssertRefusedAsync("42809", "child tables", () => table.EnableAsync());
        await AssertRefusedAsync("42809", "belongs to the kit", () => table.SqlAsync("select agent_sync.enable('agent_sync.artifacts')"));
    }

    [Fact]
    public async Task Enable_TombstoneNameIsTaken_IsRefused()
    {
        var table = await KitTable.CreateAsync(backends.Main, enable: null);
        await table.SqlAsync(
            $"""
            create schema s_{table.Name};
            create table s_{table.Name}.x (id bigint primary key);
            create table "s_{table.Name}_x" (id bigint primary key);
            select agent_sync.enable('s_{table.Name}.x');
            """);

        await AssertRefusedAsync("42P07", "is taken", () => table.SqlAsync($"select agent_sync.enable('s_{table.Name}_x')"));
    }

    [Fact]
    public async Task Enable_PolicyNamesItsTableInAnotherSchema_IsCopied()
    {
        var table = await KitTable.CreateAsync(backends.Main, enable: null);
        var schema = $"s_{table.Name}";
        await table.SqlAsync(
            $"""
            create schema {schema}; grant usage on schema {schema} to authenticated;
            create table {schema}.teams (team bigint, member uuid); grant select on {schema}.teams to authenticated;
            create table {schema}.items (id bigint primary key, team bigint); grant select on {schema}.items to authenticated;
            alter table {schema}.items enable row level security;
            create policy p on {schema}.items for select using (exists (select from {schema}.teams where teams.team = items.team and member = auth.uid()));
            select agent_sync.enable('{schema}.items');
            insert into {schema}.teams values (7, '{Owner}'); insert into {schema}.items values (1, 7), (2, 8); delete from {schema}.items;
            """);

        var visible = await table.SqlAsAsync(Owner, $"select id from agent_sync.{schema}_items;");

        Assert.Equal(1, Assert.Single(visible).GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task Enable_PolicyOverAWholeRow_IsRefused()
    {
        var table = await KitTable.CreateAsync(backends.Main, enable: null);
        await table.SqlAsync(
            $"""
            create function may_see(r {table.Name}) returns boolean language sql as 'select true';
            create policy whole on {table.Name} for select using (may_see({table.Name}));
            """);

        await AssertRefusedAsync("0A000", "whole row", () => table.EnableAsync());
    }

    [Fact]
    public async Task Enable_AnotherKeyOrAStrangeColumn_IsRefused()
    {
        var table = await KitTable.CreateAsync(backends.Main, "id bigint primary key, owner_id uuid not null, name text not null unique");
        var strange = await KitTable.CreateAsync(backends.Main, "id bigint primary key, owner_id uuid, sync_seq text", enable: null);

        await AssertRefusedAsync("55000", "another key", () => table.EnableAsync(", key => '{name}'"));
        await AssertRefusedAsync("42701", "sync_seq", () => strange.EnableAsync());
        await AssertRefusedAsync("42703", "has no column nope", () => table.EnableAsync(", filter_columns => '{nope}'"));
    }

    [Fact]
    public async Task Enable_NamesThatNeedQuotes_AreQuoted()
    {
        var name = $"We\"ird '%s' {Guid.NewGuid():N}";
        var quoted = $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        var table = new KitTable(backends.Main, quoted);
        await table.SqlAsync(
            $""""
            create table {quoted} ("I d" bigint primary key, "own'er%s""" uuid, "f $1" json);
            alter table {quoted} enable row level security; grant select on {quoted} to authenticated;
            create policy "p '" on {quoted} for select using ("own'er%s""" = auth.uid());
            select agent_sync.enable({KitTable.Quote(quoted)}, filter_columns => array['f $1']);
            insert into {quoted} values (1, '{Owner}', 'null'), (2, '{Owner}', 'null');
            """");

        await table.SqlAsync($"update {quoted} set \"f $1\" = '1' where \"I d\" = 1; delete from {quoted} where \"I d\" = 2; insert into {quoted} values (2, '{Owner}', '2');");

        var rows = await table.SqlAsAsync(Owner, $"select \"I d\" as id from agent_sync.{quoted} order by 1;");
        Assert.Equal([1, 2], rows.Select(static row => row.GetProperty("id").GetInt32()));
    }

    [Fact]
    public async Task Enable_ByAUserOfTheApi_IsDenied()
    {
        var table = await KitTable.CreateAsync(backends.Main);

        foreach (var call in (string[])[$"enable('{table.Name}')", $"disable('{table.Name}')", "prune()", $"restamp('{table.Name}')", "check()"])
        {
            await AssertRefusedAsync("42501", "permission denied", () => table.SqlAsAsync(Owner, $"select agent_sync.{call};"));
        }

        await AssertRefusedAsync("42501", "permission denied", () => table.SqlAsAsync(Owner, $"insert into {table.Tombstones} values (1);"));
        await AssertRefusedAsync("42501", "permission denied", () => table.SqlAsAsync(Owner, "update agent_sync_private.tables set generation = 1;"));
    }

    [Fact]
    public async Task Disable_EnabledTable_LeavesNothingBehind()
    {
        var table = await KitTable.CreateAsync(backends.Main, enable: null);
        var before = (await DescribeAsync(table)).ToString();
        await table.EnableAsync();
        await table.InsertAsync(Owner, 1);

        await table.SqlAsync($"select agent_sync.disable('{table.Name}'); select agent_sync.disable('{table.Name}');");

        Assert.Equal(before, (await DescribeAsync(table)).ToString());
        await table.SqlAsync($"update {table.Name} set name = 'x'; delete from {table.Name};");
    }

    [Fact]
    public async Task Disable_KeepingTheColumn_AnotherEnableIsAnotherEpoch()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);
        var stamp = await table.StampAsync(1);
        var epoch = (await table.StateAsync()).GetProperty("epoch").GetString();

        await table.SqlAsync($"select agent_sync.disable('{table.Name}', keep_column => true)");
        Assert.Equal(stamp, await table.StampAsync(1));
        await table.EnableAsync();

        Assert.NotEqual(epoch, (await table.StateAsync()).GetProperty("epoch").GetString());
        Assert.Empty(await table.ProblemsAsync());
    }

    [Fact]
    public async Task Enable_TableMadeAnewUnderTheSameName_ForgetsTheOldOne()
    {
        var table = await KitTable.CreateAsync(backends.Main);

        await table.SqlAsync($"drop table {table.Name}; create table {table.Name} ({KitTable.Columns}); select agent_sync.enable('{table.Name}');");

        Assert.Empty(await table.ProblemsAsync());
    }

    [Fact]
    public async Task Migration_AppliedOverAnOlderVersion_RenewsTriggersAndKeepsTheRest()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1, 2);
        await table.SqlAsync($"delete from {table.Name} where id = 1");
        var before = (await table.StateAsync()).ToString();
        var migration = await File.ReadAllTextAsync(
            Path.Combine(Processes.Repository.Root, "supabase", "migrations", "20260201000000_agent_sync_kit.sql"), TestContext.Current.CancellationToken);

        await table.SqlAsync($"drop trigger \"~agent_sync_stamp\" on {table.Name}; update agent_sync_private.tables set kit = 0 where relid = '{table.Name}'::regclass;");
        await table.SqlAsync($"begin;\n{migration}\ncommit;");

        Assert.Equal(before, (await table.StateAsync()).ToString());
        Assert.Equal([1], (await table.TombstonesOfAsync(Owner)).Keys);
        Assert.Empty(await table.ProblemsAsync());
    }

    private static async Task<System.Text.Json.JsonElement> DescribeAsync(KitTable table) => (await table.SqlAsync(
        $"""
        select (select count(*) from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace where n.nspname like 'agent\_sync%' and p.proname ~ '_\d+$' and p.prosrc like '%{table.Name}%')::int as functions,
            (select count(*) from pg_class where relname like '{table.Name}%')::int as relations,
            (select count(*) from pg_trigger where tgrelid = '{table.Name}'::regclass)::int as triggers,
            (select count(*) from pg_attribute where attrelid = '{table.Name}'::regclass and attnum > 0 and not attisdropped)::int as columns
        """))[0];

    private static async Task AssertRefusedAsync(string code, string message, Func<Task> act)
    {
        var refusal = await Assert.ThrowsAsync<LocalBackendException>(act);
        Assert.Equal(code, refusal.Code);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }
}
