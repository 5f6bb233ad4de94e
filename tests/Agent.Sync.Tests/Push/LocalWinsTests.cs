using System.Globalization;
using System.Text.Json;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Push;

/// <summary>What the guide's table says of client-wins: what is written, and what counts as a conflict.</summary>
public sealed class LocalWinsTests
{
    private static readonly Dataset Items = Dataset.Define("items").Key("id", ColumnType.Integer).Column("title", ColumnType.Text)
        .Column("note", ColumnType.Text).UpdatedAt("updated_at").Build();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, "update", "update", 0, "mine/theirs")]
    [InlineData(false, "update", "update", 0, "mine/first")]
    [InlineData(true, "update", "delete", 1, "mine/first")]
    [InlineData(false, "update", "delete", 0, "mine/first")]
    [InlineData(true, "delete", "update", 0, null)]
    [InlineData(false, "delete", "update", 0, null)]
    public async Task SyncAsync_BothSidesTouchedTheRow_EndsAsTheGuideSays(bool kit, string mine, string theirs, long conflicts, string? expected)
    {
        var time = new VirtualTimeProvider();
        using var server = new PostgrestDouble(time);
        var table = server.AddTable(Items);
        _ = kit ? table.EnableKit() : table;
        var store = new InMemoryTransactionalStore();
        await using var engine = Build(server, store, time);
        table.Insert("""{"id":1,"title":"first","note":"first"}""");

        await engine.SyncAsync(cancellationToken: Token);
        time.Advance(TimeSpan.FromMinutes(1));
        Edit(store, mine);
        Touch(table, theirs);

        var result = await engine.SyncAsync(cancellationToken: Token);

        Assert.Equal(conflicts, result.Datasets[0].Conflicts);
        Assert.Equal(expected, TextOf(table.FindRow("1")));
        Assert.Equal(expected, TextOf(store.FindRow("items", "1")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    public async Task SyncAsync_DatasetLacksANotNullColumn_UpdatesGoUpWithoutAnUpsert(int rows)
    {
        var time = new VirtualTimeProvider();
        using var server = new PostgrestDouble(time);
        var table = server.AddTable(Items).AddColumn("kind", ColumnType.Text).AddNotNull("kind");
        var store = new InMemoryTransactionalStore();
        await using var engine = Build(server, store, time);
        for (var id = 1; id <= rows; id++)
        {
            table.Insert($$"""{"id":{{id}},"title":"first","kind":"k"}""");
        }

        await engine.SyncAsync(cancellationToken: Token);
        time.Advance(TimeSpan.FromMinutes(1));
        for (var id = 1; id <= rows; id++)
        {
            store.Update(Items, """{"title":"mine"}""", id.ToString(CultureInfo.InvariantCulture));
        }

        var before = server.RequestCount;
        var result = await engine.SyncAsync(cancellationToken: Token);

        Assert.Equal((SyncOutcome.Completed, rows), (result.Outcome, result.Datasets[0].Pushed));
        Assert.All(table.VisibleRows("user-1"), static row => Assert.Contains("\"title\":\"mine\"", row, StringComparison.Ordinal));
        Assert.All(table.VisibleRows("user-1"), static row => Assert.Contains("\"kind\":\"k\"", row, StringComparison.Ordinal));

        // The way to the first single row, and then one request for each.
        Assert.InRange(server.RequestCount - before, rows, rows + 20);
    }

    [Fact]
    public async Task SyncAsync_OneRowLacksAValue_TheOthersAreUpserted()
    {
        var time = new VirtualTimeProvider();
        using var server = new PostgrestDouble(time);
        var table = server.AddTable(Items).AddNotNull("note");
        var store = new InMemoryTransactionalStore();
        await using var engine = Build(server, store, time);
        for (var id = 1; id <= 200; id++)
        {
            table.Insert($$"""{"id":{{id}},"title":"first","note":"n"}""");
        }

        await engine.SyncAsync(cancellationToken: Token);
        time.Advance(TimeSpan.FromMinutes(1));
        for (var id = 1; id <= 200; id++)
        {
            store.Update(Items, id == 77 ? """{"note":null}""" : """{"title":"mine"}""", id.ToString(CultureInfo.InvariantCulture));
        }

        var before = server.RequestCount;
        var result = await engine.SyncAsync(cancellationToken: Token);

        var change = Assert.Single(await store.ListChangesAsync(Items, null, 0, 10, Token));
        Assert.Equal((ChangeState.Quarantined, "23502", """{"id":77}"""), (change.State, change.Code, change.Key));
        Assert.Equal(199, result.Datasets[0].Pushed);
        Assert.InRange(server.RequestCount - before, 1, 30);
    }

    [Fact]
    public async Task SyncAsync_RowIsGoneAndTheDatasetLacksANotNullColumn_IsQuarantined()
    {
        var time = new VirtualTimeProvider();
        using var server = new PostgrestDouble(time);
        var table = server.AddTable(Items).AddColumn("kind", ColumnType.Text).AddNotNull("kind");
        var store = new InMemoryTransactionalStore();
        await using var engine = Build(server, store, time);
        table.Insert("""{"id":1,"title":"first","kind":"k"}""");
        await engine.SyncAsync(cancellationToken: Token);
        time.Advance(TimeSpan.FromMinutes(1));
        table.Delete("1");
        store.Update(Items, """{"title":"mine"}""", "1");

        await engine.SyncAsync(cancellationToken: Token);

        var change = Assert.Single(await store.ListChangesAsync(Items, null, 0, 10, Token));
        Assert.Equal((ChangeState.Quarantined, "23502"), (change.State, change.Code));
    }

    private static void Edit(InMemoryTransactionalStore store, string kind)
    {
        switch (kind)
        {
            case "update":
                store.Update(Items, """{"title":"mine"}""", "1");
                break;
            default:
                store.Delete(Items, "1");
                break;
        }
    }

    private static void Touch(PostgrestTable table, string kind)
    {
        switch (kind)
        {
            case "update":
                table.Update("""{"title":"theirs","note":"theirs"}""", "1");
                break;
            default:
                table.Delete("1");
                break;
        }
    }

    private static string? TextOf(string? row)
    {
        if (row is null)
        {
            return null;
        }

        using var json = JsonDocument.Parse(row);
        return $"{json.RootElement.GetProperty("title")}/{json.RootElement.GetProperty("note")}";
    }

    private static SyncEngine Build(PostgrestDouble server, InMemoryTransactionalStore store, TimeProvider time) => new SyncEngineBuilder()
        .Configure(options =>
        {
            options.Url = PostgrestDouble.Url;
            options.ApiKey = PostgrestDouble.ApiKey;
            options.AccessTokenProvider = (_, _) => new(new AccessToken(server.CreateToken("user-1")));
            options.Push.ConflictPolicy = ConflictPolicy.LocalWins;
            options.RateLimit.Burst = 10_000;
            options.Datasets.Add(Items);
        })
        .UseLocalStore(store)
        .UseHttpMessageHandler(server)
        .UseTimeProvider(time)
        .Build();
}
