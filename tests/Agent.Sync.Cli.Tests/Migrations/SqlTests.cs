using Agent.Sync.Cli.Commands;
using Agent.Sync.Cli.Discovery;
using Agent.Sync.Cli.Syncing;
using Agent.Sync.Cli.Tests.Discovery;

namespace Agent.Sync.Cli.Tests.Migrations;

/// <summary>What agent-sync sql writes, on PostgreSQL.</summary>
public sealed class SqlTests(ConsoleBackend backend)
{
    // Whatever index, trigger and function there is; nothing may come twice.
    private const string Objects = "select tgname || tgrelid::regclass from pg_trigger where not tgisinternal union all select indexdef from pg_indexes where schemaname = 'public' union all "
        + "select proname from pg_proc where pronamespace = 'public'::regnamespace order by 1";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sql_RandomTables_LackNothingAfterwardsAndRowsAreStamped(bool readsCatalog)
    {
        var database = await backend.CreateDatabaseAsync();
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        RandomTables tables = new(new Random(seed));
        await ConsoleBackend.RunAsync(database, tables.Create());
        using TestFile file = await InitAsync(database);
        var sql = await SqlAsync(file, readsCatalog ? ["--from", database] : []);

        await ConsoleBackend.RunAsync(database, sql);
        var objects = await ConsoleBackend.ReadAsync(database, Objects);
        await ConsoleBackend.RunAsync(database, sql);

        Assert.Equal(objects, await ConsoleBackend.ReadAsync(database, Objects));
        Assert.DoesNotContain(await LacksAsync(database, file), static lack => lack.Kind is LackKind.Null or LackKind.Stamp or LackKind.Version or LackKind.Index);
        Assert.Contains("Nothing is missing", await SqlAsync(file, "--from", database), StringComparison.Ordinal);
        foreach (var dataset in ToolFile.Read(file.Path).Datasets)
        {
            var (updatedAt, version) = (dataset.Columns[dataset.CursorOrdinal].Name, dataset.Columns[dataset.VersionOrdinal!.Value].Name);
            await ConsoleBackend.RunAsync(database, $"update {dataset.RemoteTable} set n = n, {updatedAt} = 'epoch', {version} = 77 where n = 3");
            Assert.Equal(["True"], await ConsoleBackend.ReadAsync(database, $"select {updatedAt} > now() - interval '1 minute' and {version} = 2 from {dataset.RemoteTable} where n = 3"));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sql_TableThatStampsItselfUnderOtherNames_IsLeftAsItIs(bool readsCatalog)
    {
        var database = await backend.CreateDatabaseAsync();
        await ConsoleBackend.RunAsync(database, """
            create table notes (id uuid primary key, version bigint not null, updated_at timestamptz not null);
            create index mine on notes (updated_at, id) include (version);
            create function mine() returns trigger language plpgsql as $$ begin new.UPDATED_AT := now(); new.version := 5; return new; end $$;
            create trigger mine before insert or update on notes for each row execute function mine();
            """);
        using TestFile file = await InitAsync(database);
        var before = await ConsoleBackend.ReadAsync(database, Objects);

        await ConsoleBackend.RunAsync(database, await SqlAsync(file, readsCatalog ? ["--from", database] : []));

        Assert.Equal(before, (await ConsoleBackend.ReadAsync(database, Objects)).Where(static name => !name.StartsWith("agent_sync_", StringComparison.Ordinal)));
        Assert.Equal(["mine"], await ConsoleBackend.ReadAsync(database, "select tgname from pg_trigger where not tgisinternal"));
    }

    [Fact]
    public async Task Sql_NamesThatNeedQuotesAndAnUpdateTimestampThatMayBeNull_Works()
    {
        var database = await backend.CreateDatabaseAsync();
        const string Long = "a_column_whose_name_is_as_long_as_a_name_can_be_for_sixty_three";
        await ConsoleBackend.RunAsync(database, $"""
            create schema "Select";
            create table "Select"."order" ("$sql$" uuid not null, "Group" text not null, "{Long}" timestamptz, primary key ("Group", "$sql$"));
            insert into "Select"."order" values (gen_random_uuid(), 'a', null);
            """);
        using TestFile file = new("""
            { "AgentSync": { "Datasets": [ { "Table": "order", "Schema": "Select", "Key": ["Group", "$sql$"], "UpdatedAt": "LONG", "Columns": { "Group": "text", "$sql$": "uuid" } } ] } }
            """.Replace("LONG", Long, StringComparison.Ordinal));

        await ConsoleBackend.RunAsync(database, await SqlAsync(file));

        Assert.DoesNotContain(await LacksAsync(database, file), static lack => lack.Kind is not (LackKind.Access or LackKind.Shape));
        Assert.Equal(["0"], await ConsoleBackend.ReadAsync(database, $"""select count(*) from "Select"."order" where "{Long}" is null"""));
    }

    [Fact]
    public async Task Sql_WithTheKit_EnablesItOnWhatLacksItAndSaysNothingOfTheRest()
    {
        var database = await backend.CreateDatabaseAsync();
        using (MemoryStream kit = new())
        {
            await SqlKit.CopyToAsync(kit, TestContext.Current.CancellationToken);
            await ConsoleBackend.RunAsync(database, System.Text.Encoding.UTF8.GetString(kit.ToArray()));
        }

        RandomTables tables = new(new Random(7));
        await ConsoleBackend.RunAsync(database, tables.Create());
        using TestFile file = await InitAsync(database);

        await ConsoleBackend.RunAsync(database, await SqlAsync(file, "--from", database));

        Assert.Equal([.. tables.Names.Order(StringComparer.Ordinal)], await ConsoleBackend.ReadAsync(database, "select relid::regclass::text from agent_sync_private.tables order by 1"));
        Assert.DoesNotContain("enable", await SqlAsync(file, "--from", database), StringComparison.Ordinal);
        await ConsoleBackend.RunAsync(database, await SqlAsync(file, "--kit", "on"));
        Assert.DoesNotContain(await LacksAsync(database, file), static lack => lack.Kind is not (LackKind.Access or LackKind.Shape));
    }

    [Fact]
    public async Task Sql_FileThatIsThere_IsNotReplaced()
    {
        using TestFile file = new("""{ "AgentSync": { "Datasets": [ { "Table": "a", "Key": ["id"], "UpdatedAt": "u", "Columns": { "id": "uuid" } } ] } }""");

        Assert.Equal(2, await CommandTree.RunAsync(["sql", "--json", "--config", file.Path, "--output", file.Path]));
    }

    private static async Task<TestFile> InitAsync(string database)
    {
        TestFile file = new("");
        Assert.Equal(0, await CommandTree.RunAsync(["init", "--yes", "--json", "--force", "--from", database, "--config", file.Path]));
        return file;
    }

    private static async Task<string> SqlAsync(TestFile file, params string[] more)
    {
        var output = Path.Combine(Path.GetDirectoryName(file.Path)!, "new", $"{Guid.NewGuid():N}.sql");
        Assert.Equal(0, await CommandTree.RunAsync(["sql", "--json", "--config", file.Path, "--output", output, .. more]));
        return File.Exists(output) ? await File.ReadAllTextAsync(output) : "-- Nothing is missing";
    }

    private static async Task<List<Lack>> LacksAsync(string database, TestFile file)
    {
        var datasets = ToolFile.Read(file.Path).Datasets;
        var catalog = await Catalog.ReadAsync(database, [.. datasets.Select(static dataset => dataset.Schema).Distinct(StringComparer.Ordinal)], TestContext.Current.CancellationToken);
        return
        [
            .. datasets.SelectMany(dataset => TableLacks.Find(
                catalog.Tables.Single(table => table.Name == dataset.RemoteTable && table.Schema == dataset.Schema),
                [.. dataset.KeyOrdinals.Select(ordinal => dataset.Columns[ordinal].Name)],
                dataset.Columns[dataset.CursorOrdinal].Name,
                dataset.VersionOrdinal is { } version ? dataset.Columns[version].Name : null)),
        ];
    }
}
