using System.Text;
using Agent.Sync.Postgrest;
using ApiContract.Checking;

namespace Agent.Sync.Tests.Contract;

/// <summary>The check itself: it must see what is wrong, name it, and quote nothing.</summary>
public sealed class RequestContractTests
{
    private const string Canary = "canary-7d1f";

    private static SentRequest Page => Contracts.Page(
        new PageQuery(Contracts.Artifacts, PageOrder.Cursor, new CursorPosition(PageOrder.Cursor, Contracts.Stamp, [Contracts.Key]), 100));

    private static SentRequest Horizon => Contracts.Call(new ApiCall
    {
        Method = HttpMethod.Post,
        PathAndQuery = "rpc/horizon",
        Schema = "agent_sync",
        Body = Encoding.UTF8.GetBytes("""{"request":{"tables":["public.artifacts"]}}"""),
    });

    [Fact]
    public void Check_UntouchedRequests_FindsNothing()
    {
        Assert.Empty(Contracts.File.Check(Page).Violations);
        Assert.Equal("kit.horizon/call", Contracts.File.Check(Horizon).Use);
    }

    [Theory]
    [InlineData("&limit=100", "&limit=0", "'limit' does not fit")]
    [InlineData("&limit=100", "&limit=1001", "'limit' does not fit")]
    [InlineData("&limit=100", "&limit=canary-7d1f", "'limit' does not fit")]
    [InlineData("&limit=100", "", "fits none of x-requests: page-by-key for order, limit")]
    [InlineData("&limit=100", "&limit=100&limit=100", "'limit' does not fit")]
    [InlineData("&limit=100", "&limit=100&offset=7", "'offset' is not described")]
    [InlineData("select=id,", "select=*,", "'select' does not fit")]
    [InlineData("?select=", "?selekt=", "'select' is missing")]
    [InlineData("updated_at=gte.2026", "updated_at=like.2026", "'updated_at' does not fit")]
    [InlineData("updated_at=gte.2026", "updated_at=gt.2026", "page-by-cursor for updated_at")]
    [InlineData("updated_at.eq.", "updated_at.neq.", "page-by-cursor for or")]
    [InlineData("id.gt.%220f8", "id.gt.%22canary-7d1f", "page-by-cursor for or")]
    [InlineData("nullslast", "nullsfirst", "page-by-cursor for order")]
    [InlineData("%2B00", "\"00", "not percent-encoded")]
    public void Check_WrongQuery_NamesTheParameter(string right, string wrong, string expected)
    {
        Assert.Contains(right, Page.Query, StringComparison.Ordinal);

        AssertFinds(expected, Page with { Query = Page.Query.Replace(right, wrong, StringComparison.Ordinal) });
    }

    [Theory]
    [InlineData("apikey", null, "'apikey' is missing")]
    [InlineData("Authorization", null, "'Authorization' is missing")]
    [InlineData("Authorization", "Basic canary-7d1f", "'Authorization' is missing or is no bearer token")]
    [InlineData("User-Agent", null, "'User-Agent' is missing")]
    [InlineData("X-Client-Info", "canary-7d1f", "'X-Client-Info' does not fit")]
    [InlineData("Accept", "text/csv", "'Accept' is none")]
    [InlineData("Prefer", "count=planned", "'Prefer' does not fit")]
    [InlineData("Accept-Profile", "canary", "page-by-cursor for Accept-Profile")]
    [InlineData("Content-Profile", "public", "'Content-Profile' is not described")]
    [InlineData("X-Tracking", "canary-7d1f", "'X-Tracking' is not described")]
    [InlineData("Content-Type", "application/json", "a body is not described")]
    public void Check_WrongHeader_NamesIt(string name, string? value, string expected)
    {
        var headers = Page.Headers.Where(header => header.Key != name).ToDictionary(StringComparer.OrdinalIgnoreCase);
        if (value is not null)
        {
            headers[name] = value;
        }

        AssertFinds(expected, Page with { Headers = headers });
    }

    [Theory]
    [InlineData("""{"request":{"tables":[]}}""", "TooFewItems at #/request.tables")]
    [InlineData("""{"request":{"tables":["canary-7d1f"]}}""", "NotInEnumeration at #/request.tables[0]")]
    [InlineData("""{"request":{"tables":["public.artifacts"],"more":"canary-7d1f"}}""", "NoAdditionalPropertiesAllowed at #/request.more")]
    [InlineData("""{"request":"canary-7d1f"}""", "ObjectExpected at #/request")]
    [InlineData("""{"tables":["public.artifacts"]}""", "PropertyRequired at #/request")]
    [InlineData("""{"request":canary-7d1f""", "is not JSON")]
    public void Check_WrongBody_NamesThePath(string body, string expected) => AssertFinds(expected, Horizon with { Body = Encoding.UTF8.GetBytes(body) });

    [Fact]
    public void Check_UnknownPathOrMethod_SaysSo()
    {
        AssertFinds("no operation is described for PUT /rest/v1/artifacts", Page with { Method = "PUT" });
        AssertFinds("no operation is described for GET /rest/v1/others", Page with { Path = "/rest/v1/others" });
    }

    [Fact]
    public async Task SendAsync_RequestThatIsNotDescribed_IsNotSentAndIsKept()
    {
        var log = new ContractLog();
        using var server = new UnreachableServer();
        using var handler = new ContractHandler(Contracts.File, [Contracts.Artifacts], log, server);
        using var http = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://project.example/rest/v1/artifacts?select=id&id=gt.{Canary}");

        var failure = await Assert.ThrowsAsync<ContractViolationException>(() => http.SendAsync(request, TestContext.Current.CancellationToken));

        Assert.Contains("artifacts.read: header 'apikey' is missing", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, failure.Message, StringComparison.Ordinal);
        Assert.Throws<ContractViolationException>(log.ThrowIfViolated);
    }

    private static void AssertFinds(string expected, SentRequest request)
    {
        var violations = string.Join('\n', Contracts.File.Check(request).Violations);

        Assert.Contains(expected, violations, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, violations, StringComparison.Ordinal);
    }
}
