namespace Agent.Sync.Tests.Postgrest;

public sealed class RetryTimingTests
{
    private readonly TransportHarness _harness = new();

    [Theory]
    [InlineData(429, "7", 7)]
    [InlineData(429, "0", 0)]
    [InlineData(429, "Thu, 01 Jan 2026 00:00:30 GMT", 30)]
    [InlineData(429, "Wed, 31 Dec 2025 23:59:00 GMT", 0)]
    [InlineData(429, "Thursday, 01-Jan-26 00:00:30 GMT", 30)]
    [InlineData(429, "Thu Jan  1 00:00:30 2026", 30)]
    [InlineData(429, "soon", 1)]
    [InlineData(429, "-5", 1)]
    [InlineData(429, "", 1)]
    [InlineData(503, "7", 7)]
    [InlineData(503, "0", 1)]
    [InlineData(503, "nonsense", 1)]
    public async Task GetPage_RetryAfter_IsObeyed(int status, string value, double expected)
    {
        _harness.Handler.Then(() => Answers.Error(status, null).With("Retry-After", value)).Then(() => Answers.Page());

        await _harness.GetAsync();

        Assert.Equal([0, expected], _harness.Handler.Seconds);
    }

    [Theory]
    [InlineData(429, "121", SyncErrorKind.RateLimited)]
    [InlineData(429, "99999999999999999999", SyncErrorKind.RateLimited)]
    [InlineData(429, "Fri, 02 Jan 2026 00:00:00 GMT", SyncErrorKind.RateLimited)]
    [InlineData(503, "121", SyncErrorKind.ServerError)]
    public async Task GetPage_RetryAfterAboveTheCap_FailsAtOnce(int status, string value, SyncErrorKind kind)
    {
        _harness.Handler.Then(() => Answers.Error(status, null).With("Retry-After", value));

        var exception = await _harness.FailAsync();

        Assert.Equal(kind, exception.Kind);
        Assert.True(exception.IsTransient);
        Assert.Single(_harness.Handler.Seen);
    }

    [Fact]
    public async Task GetPage_RetryAfterDate_IsMeasuredByTheServersClock()
    {
        _harness.Handler
            .Then(() => Answers.Error(429, null).With("Date", "Sun, 01 Feb 2026 00:00:00 GMT").With("Retry-After", "Sun, 01 Feb 2026 00:00:09 GMT"))
            .Then(() => Answers.Page());

        await _harness.GetAsync();

        Assert.Equal([0, 9], _harness.Handler.Seconds);
    }

    [Theory]
    [InlineData(0, new double[] { 0 })]
    [InlineData(1, new double[] { 0, 1 })]
    [InlineData(5, new double[] { 0, 1, 3, 7, 15, 31 })]
    public async Task GetPage_MaxRetries_BoundsTheAttempts(int retries, double[] schedule)
    {
        _harness.Options.Retry.MaxRetries = retries;
        _harness.Handler.Then(() => Answers.Error(502, null));

        await _harness.FailAsync();

        Assert.Equal(schedule, _harness.Handler.Seconds);
    }

    [Fact]
    public async Task GetPage_JitterAsked_VariesTheWaits()
    {
        _harness.Options.Retry.UseJitter = true;
        _harness.Handler.Then(() => Answers.Error(502, null));

        await _harness.FailAsync();

        Assert.Equal([0, 0.75, 2.25, 5.25], _harness.Handler.Seconds);
    }

    [Fact]
    public async Task GetPage_ServerDoesNotAnswer_TimesOutEachAttempt()
    {
        _harness.Handler.Then(Hang);

        var exception = await _harness.FailAsync();

        Assert.Equal(SyncErrorKind.Timeout, exception.Kind);
        Assert.True(exception.IsTransient);
        Assert.Contains("within 30 s", exception.Message, StringComparison.Ordinal);
        Assert.Equal([0, 31, 63, 97], _harness.Handler.Seconds);
    }

    [Fact]
    public async Task GetPage_SlowDripOfABody_CountsIntoTheAttempt()
    {
        _harness.Handler
            .Then(() => new HttpResponseMessage { Content = Dripping() })
            .Then(() => Answers.Page());

        await _harness.GetAsync();

        Assert.Equal([0, 31], _harness.Handler.Seconds);

        static StreamContent Dripping()
        {
            var content = new StreamContent(new HangingStream());
            content.Headers.ContentType = new("application/json");
            return content;
        }
    }

    [Fact]
    public async Task GetPage_RequestTimeout_EndsItAllWhereverItIs()
    {
        _harness.Options.Retry.RequestTimeout = TimeSpan.FromSeconds(70);
        _harness.Handler.Then(Hang);

        var exception = await _harness.FailAsync();

        Assert.Equal(SyncErrorKind.Timeout, exception.Kind);
        Assert.Contains("within 70 s", exception.Message, StringComparison.Ordinal);
        Assert.Equal([0, 31, 63], _harness.Handler.Seconds);
        Assert.Equal(70, (_harness.Time.GetUtcNow() - _harness.Time.Start).TotalSeconds);
    }

    [Fact]
    public async Task GetPage_HandlersOwnTimeout_IsATransportFailure()
    {
        _harness.Handler.Then((_, _) => throw new TaskCanceledException(Answers.Canary, new TimeoutException())).Then(() => Answers.Page());

        await _harness.GetAsync();

        Assert.Equal([0, 1], _harness.Handler.Seconds);
    }

    [Fact]
    public async Task GetPage_SlowedDown_WaitsForTheRateToo()
    {
        _harness.Options.RateLimit.RequestsPerSecond = 1;
        _harness.Options.RateLimit.Burst = 1;
        _harness.Handler.Then(() => Answers.Error(429, null).With("Retry-After", "0")).Then(() => Answers.Page());

        await _harness.GetAsync();

        // Half a request per second, and the only token is spent.
        Assert.InRange(_harness.Handler.Seconds[1], 1.9, 2.0);
        Assert.InRange(_harness.Tally.RateLimitWait.TotalSeconds, 1.9, 2.0);
    }

    private static async Task<HttpResponseMessage> Hang(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await Never.Ends(cancellationToken);
        return Answers.Page();
    }
}
