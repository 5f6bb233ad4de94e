using System.IO.Compression;
using System.Net;
using System.Text;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Tests.Postgrest;

public sealed class PageTransportTests
{
    private readonly TransportHarness _harness = new();

    [Fact]
    public async Task GetPage_FirstPage_SendsWhatTheContractSays()
    {
        _harness.Handler.Then(() => Answers.Page());

        var answer = await _harness.GetAsync();

        Assert.Equal(2, answer.Page.Count);
        var request = Assert.Single(_harness.Handler.Seen);
        Assert.Equal("https://abc.supabase.co/rest/v1/artifacts?select=id,updated_at&order=id.asc&limit=100", request.Url);
        Assert.Equal("sb_publishable_key", request.Headers["apikey"]);
        Assert.Equal("Bearer " + TestToken.Of().Value, request.Headers["Authorization"]);
        Assert.Equal("application/json", request.Headers["Accept"]);
        Assert.StartsWith("agent-sync-dotnet/", request.Headers["X-Client-Info"], StringComparison.Ordinal);
        Assert.StartsWith("agent-sync-dotnet/", request.Headers["User-Agent"], StringComparison.Ordinal);
        Assert.False(request.Headers.ContainsKey("Prefer"));
        Assert.False(request.Headers.ContainsKey("Accept-Profile"));
        Assert.Equal((1, 0), (_harness.Tally.Requests, _harness.Tally.Retries));
        Assert.Equal(Answers.TwoRows.Length, _harness.Tally.Bytes);
    }

    [Theory]
    [InlineData(TotalCount.Exact, "count=exact")]
    [InlineData(TotalCount.Estimated, "count=estimated")]
    public async Task GetPage_CountAskedFor_ReadsTotalAndServerTime(TotalCount count, string prefer)
    {
        _harness.Handler.Then(() =>
        {
            var answer = Answers.Json(HttpStatusCode.PartialContent, Answers.TwoRows).With("Content-Range", "0-1/12345");
            answer.Headers.Date = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
            return answer;
        });

        var answer = await _harness.GetAsync(TransportHarness.FirstPage with { Count = count });

        Assert.Equal(prefer, _harness.Handler.Seen[0].Headers["Prefer"]);
        Assert.Equal(12345, answer.Total);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), answer.ServerTime);
    }

    [Theory]
    [InlineData("0-99/12345", 12345L)]
    [InlineData("*/0", 0L)]
    [InlineData("0-99/*", null)]
    [InlineData("nonsense", null)]
    [InlineData("0-9/99999999999999999999", null)]
    public void ParseTotal_EveryForm_GivesTheTotalOrNull(string header, long? total) =>
        Assert.Equal(total, ContentRange.ParseTotal(header));

    [Fact]
    public async Task GetPage_OtherSchema_SendsAcceptProfile()
    {
        var dataset = Dataset.Define("artifacts").InSchema("work").Key("id", ColumnType.Text).UpdatedAt("updated_at").Build();
        _harness.Handler.Then(() => Answers.Page());

        await _harness.GetAsync(new PageQuery(dataset, PageOrder.Key, null, 10));

        Assert.Equal("work", _harness.Handler.Seen[0].Headers["Accept-Profile"]);
    }

    [Fact]
    public async Task GetPage_BodyLargerThanAnyBuffer_IsReadWhole()
    {
        var rows = string.Join(',', Enumerable.Range(0, 90).Select(row => $$"""{"id":"{{row}}{{new string('x', 3000)}}","updated_at":"2026-01-01T00:00:00+00:00"}"""));
        _harness.Handler.Then(() => Stream($"[{rows}]"));

        var answer = await _harness.GetAsync();

        Assert.Equal(90, answer.Page.Count);
        Assert.Equal($"[{rows}]", Encoding.UTF8.GetString(answer.Page.Utf8Json.Span));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetPage_BodyAboveTheCap_IsRefusedWithoutRetry(bool announced)
    {
        _harness.Options.MaxPageBytes = 64 * 1024;
        var body = $$"""[{"id":"{{new string('x', 70_000)}}","updated_at":"2026-01-01T00:00:00+00:00"}]""";
        _harness.Handler.Then(() => announced ? Answers.Page(body) : Stream(body));

        var exception = await _harness.FailAsync<SyncProtocolException>();

        Assert.Equal(SyncErrorKind.UnexpectedResponse, exception.Kind);
        Assert.Contains("MaxPageBytes (65536 bytes", exception.Message, StringComparison.Ordinal);
        Assert.Single(_harness.Handler.Seen);
    }

    [Fact]
    public async Task GetPage_MoreRowsThanAskedFor_IsRefusedWhole()
    {
        _harness.Handler.Then(() => Answers.Page());

        var exception = await _harness.FailAsync<SyncProtocolException>(TransportHarness.FirstPage with { Limit = 1 });

        Assert.Contains("has 2 rows, 1 were asked for", exception.Message, StringComparison.Ordinal);
        Assert.Single(_harness.Handler.Seen);
    }

    [Fact]
    public async Task GetPage_JsonTooDeep_IsAProtocolError()
    {
        var dataset = Dataset.Define("artifacts").Key("id", ColumnType.Text).UpdatedAt("updated_at").Column("data", ColumnType.Json).Build();
        var deep = new string('[', 80) + new string(']', 80);
        _harness.Handler.Then(() => Answers.Page($$"""[{"id":"a","updated_at":"2026-01-01T00:00:00+00:00","data":{{deep}}}]"""));

        var exception = await _harness.FailAsync<SyncProtocolException>(new PageQuery(dataset, PageOrder.Key, null, 10));

        Assert.Equal(SyncErrorKind.UnexpectedResponse, exception.Kind);
    }

    [Fact]
    public async Task GetPage_ShortBodyThenWhole_RetriesAndUsesOnlyTheWhole()
    {
        _harness.Handler
            .Then(() =>
            {
                var answer = Stream("[]");
                answer.Content.Headers.ContentLength = 100;
                return answer;
            })
            .Then(() => Answers.Page());

        var answer = await _harness.GetAsync();

        Assert.Equal(2, answer.Page.Count);
        Assert.Equal([0, 1], _harness.Handler.Seconds);
    }

    [Fact]
    public async Task GetPage_ResetMidBody_IsRetriedThenUnreachable()
    {
        _harness.Handler.Then(() => new HttpResponseMessage { Content = Typed(new StreamContent(new FailingStream(Answers.Canary))) });

        var exception = await _harness.FailAsync<SyncTransportException>();

        Assert.Equal(SyncErrorKind.Unreachable, exception.Kind);
        Assert.True(exception.IsTransient);
        Assert.Equal([0, 1, 3, 7], _harness.Handler.Seconds);
        _harness.AssertNothingLeaked(exception);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task GetPage_DamagedCompression_IsRetried(string encoding)
    {
        _harness.Handler
            .Then(() => new HttpResponseMessage { Content = Typed(new StreamContent(Decompress(encoding, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]))) })
            .Then(() => Answers.Page());

        var answer = await _harness.GetAsync();

        Assert.Equal(2, answer.Page.Count);
        Assert.Equal(2, _harness.Handler.Seen.Count);
    }

    [Fact]
    public async Task GetPage_Redirect_FailsAndIsNotFollowed()
    {
        _harness.Handler.Then(() => new HttpResponseMessage(HttpStatusCode.Found).With("Location", "https://evil.example/" + Answers.Canary));

        var exception = await _harness.FailAsync<SyncProtocolException>();

        Assert.Equal(SyncErrorKind.UnexpectedResponse, exception.Kind);
        Assert.Equal("302", exception.Code);
        Assert.Single(_harness.Handler.Seen);
        _harness.AssertNothingLeaked(exception);
    }

    [Fact]
    public async Task GetPage_CallersTokenCancelled_ThrowsCancellationUnwrapped()
    {
        using var cancelled = new CancellationTokenSource();
        _harness.Handler.Then(async (_, token) =>
        {
            await Never.Ends(token);
            return Answers.Page();
        });
        var session = await _harness.Client.OpenSessionAsync(_harness.Tally, cancelled.Token);
        var page = session.GetPageAsync(TransportHarness.FirstPage, cancelled.Token);

        await cancelled.CancelAsync();

        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => page);
        Assert.Equal(cancelled.Token, exception.CancellationToken);
        Assert.Single(_harness.Handler.Seen);
    }

    [Fact]
    public async Task GetPage_CancelledBetweenAttempts_SendsNoMore()
    {
        using var cancelled = new CancellationTokenSource();
        _harness.Handler.Then(() => Answers.Error(503, "PGRST000"));
        var session = await _harness.Client.OpenSessionAsync(_harness.Tally, cancelled.Token);
        var page = session.GetPageAsync(TransportHarness.FirstPage, cancelled.Token);
        Assert.False(page.IsCompleted);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => page);
        Assert.Single(_harness.Handler.Seen);
    }

    [Theory]
    [InlineData("http://abc.supabase.co", false)]
    [InlineData("http://abc.supabase.co", true)]
    [InlineData("http://127.0.0.1:54321", false)]
    [InlineData("https://user:pw@abc.supabase.co", true)]
    [InlineData("https://abc.supabase.co/?apikey=1", true)]
    [InlineData("ftp://localhost", true)]
    public void Client_UrlBreaksTheRule_IsRefused(string url, bool allowLoopback)
    {
        _harness.Options.Url = new Uri(url);
        _harness.Options.AllowInsecureLoopback = allowLoopback;

        Assert.Throws<ArgumentException>(() => _harness.Client);
    }

    [Theory]
    [InlineData("http://127.0.0.1:54321/", "http://127.0.0.1:54321/rest/v1/")]
    [InlineData("http://localhost:54321", "http://localhost:54321/rest/v1/")]
    [InlineData("http://[::1]:54321", "http://[::1]:54321/rest/v1/")]
    [InlineData("https://host.example/base/", "https://host.example/base/rest/v1/")]
    public async Task Client_UrlWithinTheRule_IsUsed(string url, string expected)
    {
        _harness.Options.Url = new Uri(url);
        _harness.Options.AllowInsecureLoopback = true;
        _harness.Handler.Then(() => Answers.Page());

        await _harness.GetAsync();

        Assert.StartsWith(expected, _harness.Handler.Seen[0].Url, StringComparison.Ordinal);
    }

    private static HttpResponseMessage Stream(string body) =>
        new() { Content = Typed(new StreamContent(new NoLengthStream(Encoding.UTF8.GetBytes(body)))) };

    private static StreamContent Typed(StreamContent content)
    {
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=utf-8");
        return content;
    }

    private static Stream Decompress(string encoding, byte[] bytes) => encoding == "gzip"
        ? new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress)
        : new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress);
}
