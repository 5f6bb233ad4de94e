using System.Net;
using System.Text;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Tests.Postgrest;

/// <summary>Calls other than pages: what goes on the wire, and what each answer becomes.</summary>
public sealed class CallTransportTests
{
    private const string Rows = """[{"id":"a","name":"x"}]""";

    private readonly TransportHarness _harness = new();

    [Fact]
    public async Task Call_Post_SendsBodyTypeProfileAndPrefer()
    {
        _harness.Handler.Then(() => Answers.Json(HttpStatusCode.Created, Rows));

        using var answer = await CallAsync(Insert("app"));

        var seen = Assert.Single(_harness.Handler.Seen);
        Assert.Equal("https://abc.supabase.co/rest/v1/artifacts?columns=id&on_conflict=id", seen.Url);
        Assert.Equal("""[{"id":"a"}]""", seen.Body);
        Assert.Equal("application/json", seen.ContentType);
        Assert.Equal("app", seen.Headers["Content-Profile"]);
        Assert.Equal("return=representation", seen.Headers["Prefer"]);
        Assert.Equal("sb_publishable_key", seen.Headers["apikey"]);
        Assert.StartsWith("Bearer ", seen.Headers["Authorization"], StringComparison.Ordinal);
        Assert.False(seen.Headers.ContainsKey("Accept-Profile"));
        Assert.Equal(Rows, Encoding.UTF8.GetString(answer.Body.Span));
    }

    [Fact]
    public async Task Call_Get_AsksForItsSchemaAndSendsNoBody()
    {
        _harness.Handler.Then(() => Answers.Page());

        using var answer = await CallAsync(new ApiCall { Method = HttpMethod.Get, PathAndQuery = "artifacts?id=in.(a,b)", Schema = "app", Dataset = TransportHarness.Dataset });

        var seen = Assert.Single(_harness.Handler.Seen);
        Assert.Equal("app", seen.Headers["Accept-Profile"]);
        Assert.False(seen.Headers.ContainsKey("Content-Profile"));
        Assert.Null(seen.Body);
    }

    [Fact]
    public async Task Call_PublicSchema_NamesNoProfile()
    {
        _harness.Handler.Then(() => Answers.Json(HttpStatusCode.Created, Rows));

        using var answer = await CallAsync(Insert("public"));

        Assert.False(Assert.Single(_harness.Handler.Seen).Headers.ContainsKey("Content-Profile"));
    }

    [Theory]
    [InlineData(201)]
    [InlineData(204)]
    public async Task Call_AnswerWithoutABody_IsEmpty(int status)
    {
        _harness.Handler.Then(() => new HttpResponseMessage((HttpStatusCode)status).With("Date", "Thu, 01 Jan 2026 00:00:05 GMT"));

        using var answer = await CallAsync();

        Assert.True(answer.Body.IsEmpty);
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 5, TimeSpan.Zero), answer.ServerTime);
    }

    [Theory]
    [InlineData(200, "text/html", "<html></html>")]
    [InlineData(200, "application/json", "")]
    [InlineData(200, "application/json", """[{"id":"canary-5f1c""")]
    [InlineData(201, "application/json", """[] []""")]
    [InlineData(201, "application/json", "\"\xff\"")]
    public async Task Call_OkButNotJson_IsRetriedOnceThenAProtocolError(int status, string type, string body)
    {
        _harness.Handler.Then(() =>
        {
            var answer = new HttpResponseMessage((HttpStatusCode)status) { Content = new ByteArrayContent(Encoding.Latin1.GetBytes(body)) };
            answer.Content.Headers.ContentType = new(type);
            return answer;
        });

        var exception = await FailAsync();

        Assert.Equal(SyncErrorKind.UnexpectedResponse, exception.Kind);
        Assert.Equal([0, 1], _harness.Handler.Seconds);
        _harness.AssertNothingLeaked(exception);
    }

    [Fact]
    public async Task Call_RetriedAfterALostAnswer_SendsTheSameBodyAgain()
    {
        _harness.Handler
            .Then((_, _) => throw new HttpRequestException(HttpRequestError.ResponseEnded, Answers.Canary))
            .Then(() => Answers.Json(HttpStatusCode.Created, Rows));

        using var answer = await CallAsync();

        Assert.Equal(2, _harness.Handler.Seen.Count);
        Assert.Equal(_harness.Handler.Seen[0].Body, _harness.Handler.Seen[1].Body);
        Assert.Equal((2, 1), (_harness.Tally.Requests, _harness.Tally.Retries));
    }

    [Fact]
    public async Task Call_UserChangedBetweenAttempts_SendsNothingMore()
    {
        _harness.Handler.Then(() =>
        {
            _harness.Token = TestToken.Of("user-2");
            return Answers.Error(503, null);
        });

        var exception = await FailAsync();

        Assert.True(exception.IsOfAnotherUser);
        Assert.Single(_harness.Handler.Seen);
    }

    [Theory]
    [InlineData("POST", "SELECT, INSERT")]
    [InlineData("PATCH", "SELECT, UPDATE")]
    [InlineData("DELETE", "SELECT, DELETE")]
    [InlineData("GET", "SELECT")]
    public async Task Call_PermissionDenied_NamesTheGrant(string method, string privilege)
    {
        _harness.Handler.Then(() => Answers.Error(403, "42501"));

        var exception = await FailAsync(Insert("public") with { Method = new HttpMethod(method) });

        Assert.IsType<SyncAuthException>(exception);
        Assert.Contains($"""GRANT {privilege} ON "public"."artifacts" TO authenticated;""", exception.Message, StringComparison.Ordinal);
        Assert.Equal("42501", exception.Code);
        _harness.AssertNothingLeaked(exception);
    }

    [Fact]
    public async Task Call_PermissionDeniedOnAFunction_NamesItsGrants()
    {
        _harness.Handler.Then(() => Answers.Error(403, "42501"));

        var exception = await FailAsync(Function());

        Assert.Contains("""GRANT EXECUTE ON FUNCTION "agent_sync"."push" TO authenticated;""", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, "PGRST202")]
    [InlineData(406, "PGRST106")]
    [InlineData(404, null)]
    public async Task Call_FunctionThatMayBeMissingIs_IsAnAnswer(int status, string? code)
    {
        _harness.Handler.Then(() => Answers.Error(status, code));

        using var answer = await CallAsync(Function() with { MayBeMissing = true });

        Assert.True(answer.IsMissing);
        Assert.Equal([0], _harness.Handler.Seconds);
    }

    [Theory]
    [InlineData(404, "42883")]
    [InlineData(403, "42501")]
    [InlineData(400, "PGRST100")]
    [InlineData(401, null)]
    public async Task Call_FunctionThatMayBeMissingFailsOtherwise_IsAFailure(int status, string? code)
    {
        _harness.Handler.Then(() => Answers.Error(status, code));

        Assert.Equal(code ?? "401", (await FailAsync(Function() with { MayBeMissing = true })).Code);
    }

    [Theory]
    [InlineData(404, "PGRST202", SyncErrorKind.RemoteSchema)]
    [InlineData(406, "PGRST106", SyncErrorKind.RemoteSchema)]
    [InlineData(404, null, SyncErrorKind.UnexpectedResponse)]
    public async Task Call_FunctionIsMissing_IsToldAtOnceWithTheServersCode(int status, string? code, SyncErrorKind kind)
    {
        _harness.Handler.Then(() => Answers.Error(status, code));

        var exception = await FailAsync(Function());

        Assert.Equal((kind, code ?? "404"), (exception.Kind, exception.Code));
        Assert.Null(exception.Dataset);
        Assert.Equal([0], _harness.Handler.Seconds);
    }

    [Fact]
    public async Task Call_AnswerAboveTheBound_NamesTheOptions()
    {
        _harness.Options.MaxPageBytes = 64 * 1024;
        _harness.Handler.Then(() => Answers.Json(HttpStatusCode.OK, $"[\"{new string('x', 64 * 1024)}\"]"));

        var exception = await FailAsync();

        Assert.Contains("MaxPageBytes", exception.Message, StringComparison.Ordinal);
        Assert.Single(_harness.Handler.Seen);
    }

    private static ApiCall Insert(string schema) => new()
    {
        Method = HttpMethod.Post,
        PathAndQuery = "artifacts?columns=id&on_conflict=id",
        Schema = schema,
        Dataset = TransportHarness.Dataset,
        Body = """[{"id":"a"}]"""u8.ToArray(),
        Prefer = "return=representation",
    };

    private static ApiCall Function() => new() { Method = HttpMethod.Post, PathAndQuery = "rpc/push", Schema = "agent_sync", Body = "{}"u8.ToArray() };

    private async Task<CallAnswer> CallAsync(ApiCall? call = null)
    {
        var session = await _harness.Client.OpenSessionAsync(_harness.Tally, TransportHarness.Cancellation);
        return await _harness.RunAsync(session.CallAsync(call ?? Insert("public"), TransportHarness.Cancellation));
    }

    private async Task<SyncException> FailAsync(ApiCall? call = null) =>
        (SyncException)await Assert.ThrowsAnyAsync<SyncException>(() => CallAsync(call));
}
