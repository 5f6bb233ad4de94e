using System.Net;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

/// <summary>What a real PostgREST 14 with PostgreSQL behind it was seen to do where a simpler server would not.</summary>
public sealed class PostgrestDoubleAsRealTests : DoubleTest
{
    private readonly PostgrestTable _table;

    public PostgrestDoubleAsRealTests() =>
        _table = Server.AddTable(Dataset.Define("items").Key("id", ColumnType.Text).Column("data", ColumnType.Json).UpdatedAt("updated_at").Build());

    [Fact]
    public async Task Get_ListOfOneEmptyText_FindsNothing()
    {
        _table.Insert("""{"id":""}""");
        _table.Insert("""{"id":"x"}""");

        Assert.Equal((200, "[]"), await SendAsync("GET", "items?select=id&id=in.(%22%22)"));
        Assert.Equal((200, "[]"), await SendAsync("GET", "items?select=id&and=(id.in.(%22%22))"));
        Assert.Equal((200, """[{"id":""},{"id":"x"}]"""), await SendAsync("GET", "items?select=id&order=id&id=in.(%22%22,%22x%22)"));
        Assert.Equal((200, """[{"id":""}]"""), await SendAsync("GET", "items?select=id&id=eq."));
    }

    [Theory]
    [InlineData("POST", "items", """{"id":"2"}""", null)]
    [InlineData("PATCH", "items?id=eq.1", """{"data":1}""", null)]
    [InlineData("DELETE", "items?id=eq.1", null, null)]
    [InlineData("POST", "rpc/horizon", """{"request":{"tables":[]}}""", "agent_sync")]
    public async Task Write_ServerInRecovery_IsRefusedAndReadsAreNot(string method, string path, string? body, string? profile)
    {
        _table.Insert("""{"id":"1"}""");
        _table.EnableKit();
        Server.IsInRecovery = true;

        Assert.Equal((400, "0A000"), await RefuseAsync(method, path, body, profile: profile));
        Assert.Equal((200, """[{"id":"1"}]"""), await SendAsync("GET", "items?select=id"));
    }

    [Fact]
    public async Task Any_RoleDoesNotExist_IsAnswered401With22023()
    {
        SignIn("alice", role: "editor");
        Assert.Equal((401, "22023"), await RefuseAsync("GET", "items"));
        Assert.Equal((401, "22023"), await RefuseAsync("POST", "items", """{"id":"1"}"""));

        Server.Roles.Add("editor");
        Assert.Equal(201, (await SendAsync("POST", "items", """{"id":"1"}""")).Status);
    }

    [Fact]
    public async Task Get_LimitThatIsNoNumber_IsIgnored()
    {
        _table.Insert("""{"id":"1"}""");

        Assert.Equal((200, """[{"id":"1"}]"""), await SendAsync("GET", "items?select=id&limit=abc"));
    }

    [Fact]
    public async Task Get_Headers_RepeatTheQuery()
    {
        using var response = await GetAsync("items?select=id&id=eq.%22");

        Assert.Equal("/rest/v1/items?select=id&id=eq.%22", response.Content.Headers.GetValues("Content-Location").Single());
        Assert.Equal("public", response.Headers.GetValues("Content-Profile").Single());
    }

    [Fact]
    public async Task Get_HeadersLongerThanTheProxyTakes_AreAnswered502WithoutJson()
    {
        Server.MaxHeaderBytes = 400;

        using var fits = await GetAsync("items?select=id&id=in.(1,2,3)");
        using var tooLong = await GetAsync($"items?select=id&id=in.({string.Join(',', Enumerable.Range(1, 200))})");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadGateway), (fits.StatusCode, tooLong.StatusCode));
        Assert.Equal("text/html", tooLong.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Write_Headers_CountNothing()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/rest/v1/items") { Content = new StringContent("""{"id":"1"}""") };
        using var response = await SendAsync(request, Token);

        Assert.Equal("*/*", response.Content.Headers.GetValues("Content-Range").Single());
        Assert.Equal("public", response.Headers.GetValues("Content-Profile").Single());
    }

    [Theory]
    [InlineData("""{"b":[1,2],"a":1}""", """{"a": 1, "b": [1, 2]}""")]
    [InlineData("""{"long":1,"z":{}, "a":[],"a":true}""", """{"a": true, "z": {}, "long": 1}""")]
    [InlineData("""[1e2,-0.50,null,"é\u0022 \\"]""", """[1e2, -0.50, null, "é\u0022 \\"]""")]
    public async Task Get_Jsonb_HasBlanks(string sent, string shown)
    {
        await SendAsync("POST", "items", $$"""{"id":"1","data":{{sent}}}""");

        Assert.Equal((200, $$"""[{"data":{{shown}}}]"""), await SendAsync("GET", "items?select=data"));
    }

    [Fact]
    public async Task Post_MergeThatInsertsNothing_IsAnswered200()
    {
        _table.Insert("""{"id":"1"}""");

        Assert.Equal(200, (await SendAsync("POST", "items?on_conflict=id", """[{"id":"1","data":2}]""", "resolution=merge-duplicates,return=representation")).Status);
        Assert.Equal(201, (await SendAsync("POST", "items?on_conflict=id", """[{"id":"1","data":2},{"id":"2","data":2}]""", "resolution=merge-duplicates,return=representation")).Status);
    }

    [Theory]
    [InlineData("resolution=merge-duplicates,return=representation")]
    [InlineData("resolution=ignore-duplicates,return=representation")]
    public async Task Post_KeyIsThereAndTheNewRowLacksAValue_IsRefusedAllTheSame(string prefer)
    {
        _table.AddColumn("kind", ColumnType.Text).AddNotNull("kind");
        _table.Insert("""{"id":"1","kind":"k"}""");

        Assert.Equal((400, "23502"), await RefuseAsync("POST", "items?on_conflict=id&columns=id,data", """[{"id":"1","data":2}]""", prefer));
        Assert.Equal(200, (await SendAsync("PATCH", "items?id=eq.1", """{"data":2}""")).Status);
    }

    [Theory]
    [InlineData("PT401", 401)]
    [InlineData("PT404", 404)]
    [InlineData("PT429", 429)]
    [InlineData("PT500", 500)]
    [InlineData("42883", 404)]
    [InlineData("54000", 500)]
    [InlineData("P0002", 500)]
    [InlineData("P0001", 400)]
    [InlineData("53100", 503)]
    public async Task Post_TriggerRaises_HasPostgrestsStatusForTheCode(string code, int status)
    {
        _table.AddCheck("trigger", _ => code);

        Assert.Equal((status, code), await RefuseAsync("POST", "items", """{"id":"1"}"""));
    }

    [Fact]
    public async Task Post_TriggerAlwaysRaises40001_IsNeverAnswered()
    {
        _table.AddCheck("trigger", static _ => "40001");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), Time);
        var write = SendAsync(new HttpRequestMessage(HttpMethod.Post, "/rest/v1/items") { Content = new StringContent("""{"id":"1"}""") }, patience.Token);

        Time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(write.IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(2));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        Assert.Equal(0, _table.Count);
    }

    [Fact]
    public async Task Any_DatabaseLostUnderAStatement_MayBeAnswered400WithAnEmptyCode()
    {
        Server.Enqueue(ScriptedResponse.Error(HttpStatusCode.BadRequest, code: ""));

        Assert.Equal((400, ""), await RefuseAsync("POST", "items", """{"id":"1"}"""));
    }

    private Task<HttpResponseMessage> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/rest/v1/{path}"), Token);
}
