using System.Net;
using System.Net.Sockets;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

public sealed class PostgrestDoubleScriptTests
{
    private readonly VirtualTimeProvider _time = new();
    private readonly PostgrestDouble _server;
    private readonly HttpClient _client;

    public PostgrestDoubleScriptTests()
    {
        _server = new PostgrestDouble(_time);
        var table = _server.AddTable(SampleDatasets.Of("items").Build());
        table.IsReadableByAnyone = true;
        for (var id = 1; id <= 9; id++)
        {
            table.Insert($$"""{"id":{{id}}}""");
        }

        _client = _server.CreateClient();
        _client.DefaultRequestHeaders.Add("apikey", PostgrestDouble.ApiKey);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Enqueue_Answers_AreUsedInOrderAndThenTheModel()
    {
        _server.Enqueue(ScriptedResponse.Error(HttpStatusCode.ServiceUnavailable, "PGRST000", "7"), ScriptedResponse.Model);

        using var first = Get(1);
        Assert.Equal(1, _server.ScriptLeft);
        Assert.Equal("[{\"id\":1}]", Body(Get(1)));
        Assert.Equal("[{\"id\":1}]", Body(Get(1)));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, first.StatusCode);
        Assert.Equal("7", Assert.Single(first.Headers.GetValues("Retry-After")));
        Assert.Contains("\"code\":\"PGRST000\"", Body(first), StringComparison.Ordinal);
        Assert.Equal(3, _server.RequestCount);
    }

    [Fact]
    public void Enqueue_ConnectionFaults_ThrowAsTheHttpStackDoes()
    {
        _server.Enqueue(ScriptedResponse.Broken(ResponseFault.ConnectionRefused), ScriptedResponse.Broken(ResponseFault.ResetBeforeHeaders));

        var refused = Assert.Throws<HttpRequestException>(() => Get(1));
        var reset = Assert.Throws<HttpRequestException>(() => Get(1));

        Assert.Equal(HttpRequestError.ConnectionError, refused.HttpRequestError);
        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(refused.InnerException).SocketErrorCode);
        Assert.Equal(HttpRequestError.ResponseEnded, reset.HttpRequestError);
    }

    [Theory]
    [InlineData(ResponseFault.ResetMidBody, typeof(IOException))]
    [InlineData(ResponseFault.ShortBody, typeof(HttpIOException))]
    [InlineData(ResponseFault.BadGzip, typeof(InvalidDataException))]
    public async Task Enqueue_BodyFault_FailsAfterHalfTheBody(ResponseFault fault, Type exception)
    {
        _server.Enqueue(ScriptedResponse.Broken(fault));

        using var response = Get(9);
        await using var stream = await response.Content.ReadAsStreamAsync(Token);
        var read = await stream.ReadAsync(new byte[1000], Token);
        var failure = await Record.ExceptionAsync(async () => _ = await stream.ReadAsync(new byte[1000], Token));

        Assert.IsAssignableFrom(exception, failure);
        Assert.True(read > 0);
    }

    [Fact]
    public void Enqueue_TruncatedBody_EndsWithoutALengthOrAnError()
    {
        _server.Enqueue(ScriptedResponse.Broken(ResponseFault.TruncatedBody));

        using var response = Get(9);

        Assert.Null(response.Content.Headers.ContentLength);
        Assert.StartsWith("[{\"id\":1}", Body(response), StringComparison.Ordinal);
    }

    [Fact]
    public void Enqueue_LatencyAndDrip_TakeVirtualTimeOnly()
    {
        _server.Enqueue(new ScriptedResponse { Latency = TimeSpan.FromSeconds(5), Fault = ResponseFault.SlowDrip, DripBytes = 4, DripPause = TimeSpan.FromSeconds(1) });

        var body = Body(Get(1));

        Assert.Equal("[{\"id\":1}]", body);
        Assert.Equal(TimeSpan.FromSeconds(5 + 3 + 1), _time.Elapsed);
    }

    [Fact]
    public void Enqueue_Hang_EndsByCancellationOnly()
    {
        _server.Enqueue(ScriptedResponse.Broken(ResponseFault.Hang));
        using var source = new CancellationTokenSource(TimeSpan.FromSeconds(30), _time);

        Assert.ThrowsAny<OperationCanceledException>(() => _time.Run(() => _client.GetAsync("/rest/v1/items", source.Token)));
    }

    [Fact]
    public void Enqueue_RepeatAndLoop_ServeEarlierPages()
    {
        _server.Enqueue(ScriptedResponse.Model, ScriptedResponse.Model, ScriptedResponse.Broken(ResponseFault.LoopBack), ScriptedResponse.Broken(ResponseFault.RepeatPage));

        string[] bodies = [Body(Page(1)), Body(Page(2)), Body(Page(3)), Body(Page(4))];

        Assert.Equal(["[{\"id\":2}]", "[{\"id\":3}]", "[{\"id\":2}]", "[{\"id\":2}]"], bodies);

        HttpResponseMessage Page(int after) => _time.Run(() => _client.GetAsync($"/rest/v1/items?select=id&order=id&limit=1&id=gt.{after}", Token));
    }

    [Fact]
    public async Task CannedPages_AfterTheLast_AnswersEmptyPages()
    {
        using var canned = new CannedPages(["[1]"u8.ToArray(), "[2]"u8.ToArray()], _time.GetUtcNow());
        using var client = canned.CreateClient();

        List<string> bodies = [];
        for (var round = 0; round < 3; round++)
        {
            bodies.Add(await client.GetStringAsync("/rest/v1/items", Token));
        }

        canned.Rewind();
        bodies.Add(await client.GetStringAsync("/rest/v1/items", Token));

        Assert.Equal(["[1]", "[2]", "[]", "[1]"], bodies);
    }

    private HttpResponseMessage Get(int limit) =>
        _time.Run(() => _client.GetAsync($"/rest/v1/items?select=id&order=id&limit={limit}", HttpCompletionOption.ResponseHeadersRead, Token));

    private string Body(HttpResponseMessage response) => _time.Run(() => response.Content.ReadAsStringAsync(Token));
}
