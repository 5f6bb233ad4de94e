using System.Text.Json;
using Agent.Sync.Configuration;
using Agent.Sync.Engine;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Push;

/// <summary>What the guide's table says of client-wins: what is written, and what counts as a conflict.</summary>
public sealed class ClientWinsTests
{
    private static readonly Dataset Items = Dataset.Define("items").Key("id", ColumnType.Integer).Column("title", ColumnType.Text)
        .Column("note", ColumnType.Text).Cursor("updated_at").Build();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, "update", "update", 0, "mine/theirs")]
    [InlineData(false, "update", "update", 0, "mine/first")]
    [InlineData(true, "update", "delete", 1, "mine/first")]
    [InlineData(false, "update", "delete", 0, "mine/first")]
    [InlineData(true, "insert", "insert", 1, "mine/theirs")]
    [InlineData(false, "insert", "insert", 0, "mine/theirs")]
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
        if (mine != "insert")
        {
            table.Insert("""{"id":1,"title":"first","note":"first"}""");
        }

        await engine.SyncAsync(cancellationToken: Token);
        time.Advance(TimeSpan.FromMinutes(1));
        Edit(store, mine);
        Touch(table, theirs);

        var result = await engine.SyncAsync(cancellationToken: Token);

        Assert.Equal(conflicts, result.Datasets[0].Conflicts);
        Assert.Equal(expected, TextOf(table.FindRow("1")));
        Assert.Equal(expected, TextOf(store.FindRow("items", "1")));
    }

    private static void Edit(InMemoryTransactionalStore store, string kind)
    {
        switch (kind)
        {
            case "insert":
                store.Insert(Items, """{"id":1,"title":"mine"}""");
                break;
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
            case "insert":
                table.Insert("""{"id":1,"title":"theirs","note":"theirs"}""");
                break;
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

    private static StandaloneSyncEngine Build(PostgrestDouble server, InMemoryTransactionalStore store, TimeProvider time) => new SyncEngineBuilder()
        .Configure(options =>
        {
            options.Url = PostgrestDouble.Url;
            options.ApiKey = PostgrestDouble.ApiKey;
            options.AccessToken = (_, _) => new(new AccessToken(server.CreateToken("user-1")));
            options.Push.Conflicts = ConflictPolicy.ClientWins;
            options.Datasets.Add(Items);
        })
        .UseLocalStore(store)
        .UseHttpMessageHandler(server)
        .UseTimeProvider(time)
        .Build();
}
