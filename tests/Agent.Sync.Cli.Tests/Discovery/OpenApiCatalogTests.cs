using System.Text;
using Agent.Sync.Cli.Discovery;
using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Tests.Discovery;

/// <summary>What the API says of itself, beside what the catalog says.</summary>
[Collection(ConsoleBackend.Api)]
public sealed class OpenApiCatalogTests(ConsoleBackend backend)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_RandomTables_GivesTheProposalsOfTheCatalogButForWhatItCannotKnow()
    {
        var host = backend.Host;
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        RandomTables tables = new(new Random(seed));
        await ConsoleBackend.RunAsync(host.DatabaseConnectionString!, tables.Create());

        var described = Proposals(await OpenApiCatalog.ReadAsync(host.Url, host.SecretKey, ["public"], Cancelled), tables);
        var read = Proposals(await Catalog.ReadAsync(host.DatabaseConnectionString!, ["public"], Cancelled), tables);

        Assert.Equal(tables.Names, described.Select(static table => table.Table.Name));
        Assert.Equal(Encoding.UTF8.GetString(ToolFileText.Write(read, null)), Encoding.UTF8.GetString(ToolFileText.Write(described, null)));
        Assert.Equal(Words(read.Select(static table => table with { Lacks = [.. table.Lacks.Where(static lack => lack.Kind is LackKind.Shape or LackKind.Null)] })), Words(described));
    }

    [Fact]
    public async Task Read_EveryTypeThatTheEngineKnows_IsTheCatalogs()
    {
        var host = backend.Host;
        await ConsoleBackend.RunAsync(host.DatabaseConnectionString!, """
            create type public.open_api_mood as enum ('good', 'bad');
            create domain public.open_api_amount as numeric(10, 2) not null;
            create table public.open_api_types (a uuid, b text, c varchar(3), d char(2), e smallint, f integer, g bigint, h boolean, i real, j double precision, k numeric, l numeric(5, 2), m timestamptz(3), n timestamp,
                o date, p time, q json, r jsonb, s bytea, t text[], u integer[], v public.open_api_mood, w public.open_api_amount, x interval, y inet, z timetz, primary key (a, b));
            grant select on public.open_api_types to service_role;
            comment on column public.open_api_types.a is 'What it is for.';
            """);

        var described = (await OpenApiCatalog.ReadAsync(host.Url, host.SecretKey, ["public"], Cancelled)).Tables.Single(static table => table.Name == "open_api_types");
        var read = (await Catalog.ReadAsync(host.DatabaseConnectionString!, ["public"], Cancelled)).Tables.Single(static table => table.Name == "open_api_types");

        Assert.Equal(read.Columns.Select(static column => (column.Name, column.Type)), described.Columns.Select(static column => (column.Name, column.Type)));
        Assert.Equal(read.Keys, described.Keys);
    }

    [Theory]
    [InlineData("sb_publishable_wrong", "AGENT_SYNC_SECRET_KEY")]
    [InlineData("ey.wrong\nkey", "AGENT_SYNC_SECRET_KEY")]
    public async Task Read_KeyThatIsRefused_SaysWhichKeyAndDoesNotRepeatIt(string key, string expected)
    {
        var exception = await Assert.ThrowsAsync<UsageException>(() => OpenApiCatalog.ReadAsync(backend.Host.Url, key, ["public"], Cancelled));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_SchemaThatIsNotExposed_SaysSo() =>
        Assert.Contains("secret_place", (await Assert.ThrowsAsync<UsageException>(() => OpenApiCatalog.ReadAsync(backend.Host.Url, backend.Host.SecretKey, ["secret_place"], Cancelled))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Read_WithoutEncryption_SendsNothing() =>
        Assert.StartsWith("--url must begin with https://", (await Assert.ThrowsAsync<UsageException>(() => OpenApiCatalog.ReadAsync(new Uri("http://example.test"), "k", ["public"], Cancelled))).Message, StringComparison.Ordinal);

    private static IReadOnlyList<TableProposal> Proposals(Catalog catalog, RandomTables tables) =>
        ParentsFirst.Order([.. catalog.Tables.Where(table => tables.Names.Contains(table.Name, StringComparer.Ordinal)).Select(TableProposal.Of)]);

    private static string[] Words(IEnumerable<TableProposal> tables) => [.. tables.SelectMany(static table => table.Lacks.Select(lack => $"{table.Table.Name}: {lack.Text}"))];
}
