using System.Net;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

public sealed class PostgrestDoubleTests
{
    private readonly VirtualTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, 750, TimeSpan.Zero));
    private readonly PostgrestDouble _server;
    private readonly PostgrestTable _table;
    private readonly HttpClient _client;

    public PostgrestDoubleTests()
    {
        _server = new PostgrestDouble(_time);
        _table = _server.AddTable(SampleDatasets.Of("items", "title").Version("version").DeletedAt("deleted_at").Build());
        _client = _server.CreateClient();
        _client.DefaultRequestHeaders.Add("apikey", PostgrestDouble.ApiKey);
        SignIn("alice");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_KeysetPredicate_ReturnsTheRowsAfterIt()
    {
        Fill(5);

        using var response = await _client.GetAsync("/rest/v1/items?select=id,title&order=id.asc&id=gt.2&limit=2", Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("""[{"id":3,"title":"t3"},{"id":4,"title":"t4"}]""", (await BodyAsync(response)).ReplaceLineEndings("").Replace(", {", ",{", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Get_Always_CarriesTheServersDateInWholeSeconds()
    {
        _server.ClockOffset = TimeSpan.FromHours(1);
        _time.Advance(TimeSpan.FromSeconds(10));
        _time.JumpWallClock(TimeSpan.FromDays(400));

        using var response = await _client.GetAsync("/rest/v1/items", Token);

        Assert.Equal(new DateTimeOffset(2026, 1, 1, 13, 0, 10, TimeSpan.Zero), response.Headers.Date);
    }

    [Theory]
    [InlineData("exact", "0-1/5", HttpStatusCode.PartialContent)]
    [InlineData("estimated", "0-1/1000", HttpStatusCode.PartialContent)]
    [InlineData("planned", "0-1/1000", HttpStatusCode.PartialContent)]
    [InlineData(null, "0-1/*", HttpStatusCode.OK)]
    public async Task Get_CountPreference_IsAnsweredInContentRange(string? count, string range, HttpStatusCode status)
    {
        Fill(5);
        _server.EstimateCount = static _ => 1000;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/rest/v1/items?order=id&limit=2");
        if (count is not null)
        {
            request.Headers.Add("Prefer", $"count={count}");
        }

        using var response = await _client.SendAsync(request, Token);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(range, Assert.Single(response.Content.Headers.GetValues("Content-Range")));
    }

    [Fact]
    public async Task Get_MoreThanMaxRows_IsCutSilently()
    {
        Fill(5);
        _server.MaxRows = 3;

        using var response = await _client.GetAsync("/rest/v1/items?order=id&limit=100", Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("0-2/*", Assert.Single(response.Content.Headers.GetValues("Content-Range")));
    }

    [Fact]
    public async Task Get_OwnerColumn_ShowsOnlyTheUsersRows()
    {
        _table.AddColumn("owner_id", ColumnType.Text).OwnerColumn = "owner_id";
        _table.Insert("""{"id":1,"owner_id":"alice"}""");
        _table.Insert("""{"id":2,"owner_id":"bob"}""");
        _table.Insert("""{"id":3}""");

        Assert.Equal("[1]", await IdsAsync("order=id"));
        SignIn("bob");
        Assert.Equal("[2]", await IdsAsync("order=id"));
        SignIn("carol");
        Assert.Equal("[]", await IdsAsync("order=id"));
    }

    [Theory]
    [InlineData("select=nothing", 400, "42703")]
    [InlineData("nothing=eq.1", 400, "42703")]
    [InlineData("id=like.1", 400, "PGRST100")]
    [InlineData("id=1", 400, "PGRST100")]
    [InlineData("or=(id.gt.1", 400, "PGRST100")]
    [InlineData("order=id.up", 400, "PGRST100")]
    [InlineData("limit=1&limit=2", 400, "PGRST100")]
    [InlineData("id=gt.abc", 400, "22P02")]
    [InlineData("id=gt.92233720368547758080", 400, "22003")]
    [InlineData("updated_at=gte.2026-01-01T00:00:00+00:00", 400, "22007")]
    public async Task Get_WrongQuery_IsRefusedAsPostgrestDoes(string query, int status, string code)
    {
        using var response = await _client.GetAsync($"/rest/v1/items?{query}", Token);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains($"\"code\":\"{code}\"", await BodyAsync(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_ExpiredToken_IsAnsweredPgrst303AfterTheSkew()
    {
        SignIn("alice", _server.ServerTime + TimeSpan.FromMinutes(1));

        _time.Advance(TimeSpan.FromSeconds(89));
        using var accepted = await _client.GetAsync("/rest/v1/items", Token);
        _time.Advance(TimeSpan.FromSeconds(3));
        using var refused = await _client.GetAsync("/rest/v1/items", Token);

        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains("PGRST303", await BodyAsync(refused), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_WithoutGrantTokenKeyOrTable_IsRefused()
    {
        _table.IsReadable = false;
        using var noGrant = await _client.GetAsync("/rest/v1/items", Token);
        using var noTable = await _client.GetAsync("/rest/v1/nothing", Token);
        _client.DefaultRequestHeaders.Authorization = new("Bearer", "not.a.jwt");
        using var badToken = await _client.GetAsync("/rest/v1/items", Token);
        _client.DefaultRequestHeaders.Authorization = null;
        using var anonymous = await _client.GetAsync("/rest/v1/items", Token);
        _client.DefaultRequestHeaders.Clear();
        using var noKey = await _client.GetAsync("/rest/v1/items", Token);

        Assert.Equal((HttpStatusCode.Forbidden, true), (noGrant.StatusCode, (await BodyAsync(noGrant)).Contains("42501", StringComparison.Ordinal)));
        Assert.Equal((HttpStatusCode.NotFound, true), (noTable.StatusCode, (await BodyAsync(noTable)).Contains("PGRST205", StringComparison.Ordinal)));
        Assert.Equal((HttpStatusCode.Unauthorized, true), (badToken.StatusCode, (await BodyAsync(badToken)).Contains("PGRST301", StringComparison.Ordinal)));
        Assert.Equal((HttpStatusCode.Unauthorized, true), (anonymous.StatusCode, (await BodyAsync(anonymous)).Contains("42501", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Unauthorized, noKey.StatusCode);
    }

    [Fact]
    public async Task Transaction_CommittedLate_CarriesTheTimeItBeganAt()
    {
        var open = _server.BeginTransaction();
        open.Insert(_table, """{"id":1}""");
        _time.Advance(TimeSpan.FromSeconds(30));
        _table.Insert("""{"id":2}""");
        Assert.Equal("[2]", await IdsAsync("order=updated_at,id"));

        open.Commit();

        Assert.Equal("[1,2]", await IdsAsync("order=updated_at,id"));
    }

    [Fact]
    public void Update_Always_StampsTheRowAndRaisesItsVersion()
    {
        Fill(1);
        _time.Advance(TimeSpan.FromMicroseconds(1.5));

        _table.Update("""{"title":"new"}""", "1");

        Assert.Equal("""{"id":1,"title":"new","updated_at":"2026-01-01T12:00:00.750001+00:00","version":2,"deleted_at":null}""", _table.FindRow("1"));
    }

    [Fact]
    public async Task Auth_RefreshTokenUsedTwice_RevokesTheSession()
    {
        _server.AddUser("a@example.com", "pw", "alice");
        var first = RefreshToken(await PostAsync("password", """{"email":"a@example.com","password":"pw"}"""));
        var second = RefreshToken(await PostAsync("refresh_token", $$"""{"refresh_token":"{{first}}"}"""));

        Assert.Contains("already_used", await PostAsync("refresh_token", $$"""{"refresh_token":"{{first}}"}"""), StringComparison.Ordinal);
        Assert.Contains("not_found", await PostAsync("refresh_token", $$"""{"refresh_token":"{{second}}"}"""), StringComparison.Ordinal);
        Assert.Contains("invalid_credentials", await PostAsync("password", """{"email":"a@example.com","password":"no"}"""), StringComparison.Ordinal);

        static string RefreshToken(string json) => System.Text.Json.JsonDocument.Parse(json).RootElement.GetProperty("refresh_token").GetString()!;
    }

    private void SignIn(string sub, DateTimeOffset? expires = null) =>
        _client.DefaultRequestHeaders.Authorization = new("Bearer", _server.CreateToken(sub, expires: expires));

    private void Fill(int count)
    {
        for (var id = 1; id <= count; id++)
        {
            _table.Insert($$"""{"id":{{id}},"title":"t{{id}}"}""");
        }
    }

    private async Task<string> IdsAsync(string query)
    {
        using var response = await _client.GetAsync($"/rest/v1/items?select=id&{query}", Token);
        return (await BodyAsync(response)).ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal)
            .Replace("{\"id\":", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
    }

    private async Task<string> PostAsync(string grant, string body)
    {
        using var content = new StringContent(body);
        using var response = await _client.PostAsync($"/auth/v1/token?grant_type={grant}", content, Token);
        return await BodyAsync(response);
    }

    private static Task<string> BodyAsync(HttpResponseMessage response) => response.Content.ReadAsStringAsync(Token);
}
