using Agent.Sync.Tests.Postgrest;

namespace Agent.Sync.Tests.Resilience;

public sealed class BreakerTests
{
    private readonly TransportHarness _harness = new();

    public BreakerTests()
    {
        _harness.Options.Retry.MaxRetries = 0;
        _harness.Options.Breaker.MinimumAttempts = 4;
    }

    [Fact]
    public async Task GetPage_TooManyFailures_OpensAndSendsNothing()
    {
        await FailTimes(4, 503, null);

        var exception = await _harness.FailAsync<SyncTransportException>();

        Assert.Equal(SyncErrorKind.CircuitOpen, exception.Kind);
        Assert.True(exception.IsTransient);
        Assert.Null(exception.InnerException);
        Assert.Equal(4, _harness.Handler.Seen.Count);
        Assert.Contains(_harness.Log.GetSnapshot(), record => record.Id.Id == 4101);
    }

    [Theory]
    [InlineData(400, null)]
    [InlineData(401, "PGRST302")]
    [InlineData(403, "42501")]
    [InlineData(404, "PGRST205")]
    [InlineData(408, null)]
    [InlineData(429, null)]
    [InlineData(500, "57014")]
    public async Task GetPage_AnswersThatAreNoOutage_NeverOpenIt(int status, string? code)
    {
        await FailTimes(12, status, code);

        Assert.Equal(12, _harness.Handler.Seen.Count);
    }

    [Fact]
    public async Task GetPage_AfterTheBreak_OneProbeGoesOutAndClosesIt()
    {
        await FailTimes(4, 503, null);
        _harness.Time.Advance(TimeSpan.FromSeconds(15));
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        _harness.Handler.Then((_, _) => answer.Task).Then(() => Answers.Page());
        var session = await _harness.Client.OpenSessionAsync(_harness.Tally, TransportHarness.Cancellation);

        var probe = session.GetPageAsync(TransportHarness.FirstPage, TransportHarness.Cancellation);
        var second = await _harness.FailAsync();
        answer.SetResult(Answers.Page());
        await probe;
        await _harness.GetAsync();

        Assert.Equal(SyncErrorKind.CircuitOpen, second.Kind);
        Assert.Equal(6, _harness.Handler.Seen.Count);
        Assert.Contains(_harness.Log.GetSnapshot(), record => record.Id.Id == 4102);
    }

    [Fact]
    public async Task GetPage_ProbeFails_OpensAgain()
    {
        await FailTimes(4, 503, null);
        _harness.Time.Advance(TimeSpan.FromSeconds(15));

        await _harness.FailAsync();

        Assert.Equal(SyncErrorKind.CircuitOpen, (await _harness.FailAsync()).Kind);
        Assert.Equal(5, _harness.Handler.Seen.Count);
    }

    [Fact]
    public async Task GetPage_ProbeCancelled_ProvesNothing()
    {
        await FailTimes(4, 503, null);
        _harness.Time.Advance(TimeSpan.FromSeconds(15));
        _harness.Handler.Then(async (_, token) =>
        {
            await Never.Ends(token);
            return Answers.Page();
        });
        using var cancelled = new CancellationTokenSource();
        var session = await _harness.Client.OpenSessionAsync(_harness.Tally, TransportHarness.Cancellation);
        var probe = session.GetPageAsync(TransportHarness.FirstPage, cancelled.Token);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe);
        Assert.Equal(SyncErrorKind.CircuitOpen, (await _harness.FailAsync()).Kind);
    }

    [Fact]
    public async Task GetPage_OpensBetweenRetries_SendsNoMore()
    {
        _harness.Options.Retry.MaxRetries = 3;
        _harness.Options.Breaker.MinimumAttempts = 2;
        _harness.Handler.Then(() => Answers.Error(503, "PGRST001"));

        var exception = await _harness.FailAsync();

        Assert.Equal((SyncErrorKind.CircuitOpen, "PGRST001"), (exception.Kind, exception.Code));
        Assert.Equal([0, 1], _harness.Handler.Seconds);
    }

    private async Task FailTimes(int times, int status, string? code)
    {
        _harness.Handler.Then(() => Answers.Error(status, code));
        for (var time = 0; time < times; time++)
        {
            Assert.NotEqual(SyncErrorKind.CircuitOpen, (await _harness.FailAsync()).Kind);
        }
    }
}
