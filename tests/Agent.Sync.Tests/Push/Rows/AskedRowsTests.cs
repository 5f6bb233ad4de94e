using Agent.Sync.Testing;
using Agent.Sync.Tests.Engine;

namespace Agent.Sync.Tests.Push.Rows;

/// <summary>Answers with a row that was not asked for: the change stays, and nothing of them is stored.</summary>
public sealed class AskedRowsTests
{
    private const string Other = """{"id":9,"title":"other","version":7,"updated_at":"2026-03-01T12:00:00+00:00"}""";

    private static readonly Dataset Items = SampleDatasets.Versioned("items", "title").Build();
    private static readonly Dataset Words = Dataset.Define("items").Key("id", ColumnType.Text).Column("title", ColumnType.Text).Version("version").UpdatedAt("updated_at").Build();

    [Theory]
    [InlineData("PATCH", $"[{Other}]")]
    [InlineData("PATCH", $$"""[{"id":1,"title":"mine","version":2,"updated_at":"2026-03-01T12:00:00+00:00"},{{Other}}]""")]
    [InlineData("DELETE", $"[{Other}]")]
    [InlineData("POST", $"[{Other}]")]
    [InlineData("POST", $$"""[{"id":2,"title":"mine","version":1,"updated_at":"2026-03-01T12:00:00+00:00"},{{Other}}]""")]
    public async Task SyncAsync_WriteAnsweredWithAnotherRow_KeepsTheChange(string method, string answer)
    {
        using var harness = await StartAsync();
        Edit(harness, method);
        harness.Server.Responder = request => request.Method == method ? ScriptedResponse.Json(answer) : null;

        await IsRefusedAsync(harness);

        harness.Server.Responder = null;
        Assert.Equal(SyncOutcome.Completed, (await harness.SyncAsync()).Outcome);
        Assert.Empty(await harness.ChangesAsync());
    }

    [Theory]
    [InlineData(ConflictPolicy.ServerWins)]
    [InlineData(ConflictPolicy.LocalWins)]
    public async Task SyncAsync_LookUpAnsweredWithAnotherRow_KeepsTheChange(ConflictPolicy policy)
    {
        using var harness = await StartAsync(policy);
        Edit(harness, "POST");
        harness.Tables[0].Insert("""{"id":2,"title":"theirs"}""");
        harness.Server.Responder = static request => request.Method == "GET" && request.Query.Contains("in.", StringComparison.Ordinal) ? ScriptedResponse.Json($"[{Other}]") : null;

        await IsRefusedAsync(harness);
    }

    [Fact]
    public async Task SyncAsync_KitAnsweredWithAnotherRow_KeepsTheChange()
    {
        using var harness = new TwoWayHarness(kit: true, Items);
        harness.Tables[0].Insert("""{"id":1,"title":"old"}""");
        await harness.SyncAsync();
        Edit(harness, "PATCH");
        harness.Server.Responder = request => request.Path.EndsWith("/push", StringComparison.Ordinal)
            ? ScriptedResponse.Json($$"""{"outcomes":[{"op":"{{Operation(request.Body)}}","status":"applied","row":0}],"rows":[{{Other.Replace("}", ",\"sync_seq\":7}", StringComparison.Ordinal)}}]}""")
            : null;

        await IsRefusedAsync(harness);
    }

    [Fact]
    public async Task SyncAsync_ServerSpellsATextKeyInItsOwnWay_IsTheAskedRow()
    {
        // citext compares without case, char(n) without the blanks at the end.
        using var harness = new TwoWayHarness(kit: false, Words);
        harness.Tables[0].Insert("""{"id":"a","title":"old"}""");
        await harness.SyncAsync();
        harness.Store.Update(Words, """{"title":"mine"}""", "a");
        harness.Server.Responder = static request => request.Method == "PATCH"
            ? ScriptedResponse.Json("""[{"id":"A  ","title":"mine","version":2,"updated_at":"2026-03-01T12:00:01+00:00"}]""")
            : null;

        Assert.Equal(1, (await harness.SyncAsync(SyncDirection.Push)).Pushed);
    }

    private static void Edit(TwoWayHarness harness, string method)
    {
        switch (method)
        {
            case "PATCH":
                harness.Store.Update(Items, """{"title":"mine"}""", "1");
                break;
            case "DELETE":
                harness.Store.Delete(Items, "1");
                break;
            default:
                harness.Store.Insert(Items, """{"id":2,"title":"mine"}""");
                break;
        }
    }

    private static async Task IsRefusedAsync(TwoWayHarness harness)
    {
        var exception = await Assert.ThrowsAsync<SyncProtocolException>(() => harness.SyncAsync());

        Assert.Equal((SyncErrorKind.UnexpectedResponse, "items"), (exception.Kind, exception.Dataset));
        Assert.Contains("not asked for", exception.Message, StringComparison.Ordinal);
        Assert.Single(await harness.ChangesAsync());
        Assert.Null(harness.Store.FindRow("items", "9"));
    }

    private static string Operation(string body) => body[(body.IndexOf("\"op\":\"", StringComparison.Ordinal) + 6)..][..36];

    private static async Task<TwoWayHarness> StartAsync(ConflictPolicy policy = ConflictPolicy.ServerWins)
    {
        var harness = new TwoWayHarness(kit: false, Items);
        harness.Options.Push.ConflictPolicy = policy;
        harness.Tables[0].Insert("""{"id":1,"title":"old"}""");
        await harness.SyncAsync();
        return harness;
    }
}
