using Agent.Sync.Tests.Postgrest;

namespace Agent.Sync.Tests.Resilience;

/// <summary>The breaker is made when the first attempt fails, and knows of what succeeded before.</summary>
public sealed class BreakerHistoryTests
{
    private readonly TransportHarness _harness = new();

    public BreakerHistoryTests()
    {
        _harness.Options.Retry.MaxRetries = 0;
        _harness.Options.Breaker.MinimumAttempts = 4;
        _harness.Options.Breaker.FailureShare = 0.5;
        _harness.Options.Breaker.Window = TimeSpan.FromSeconds(30);
    }

    [Fact]
    public async Task GetPage_SuccessesBeforeTheFirstFailure_CountIntoTheShare()
    {
        await SucceedTimes(6);

        // With the six successes, the sixth failure makes a half. Without them the fourth would have opened it.
        Assert.Equal(6, await FailuresUntilOpen());
    }

    [Fact]
    public async Task GetPage_SuccessesThatLeftTheWindow_DoNotCount()
    {
        await SucceedTimes(6);
        _harness.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(4, await FailuresUntilOpen());
    }

    [Fact]
    public async Task GetPage_SuccessesThatLeaveTheWindowAfterTheFirstFailure_DoNotCount()
    {
        await SucceedTimes(6);
        _harness.Time.Advance(TimeSpan.FromSeconds(20));
        await Fail();
        _harness.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(3, await FailuresUntilOpen());
    }

    [Fact]
    public async Task GetPage_AnotherRequestSucceedsAfterTheFailure_CountsIntoTheShare()
    {
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        _harness.Handler.Then((_, _) => answer.Task);
        var session = await _harness.Client.OpenSessionAsync(_harness.Tally, TransportHarness.Cancellation);
        var slow = session.GetPageAsync(TransportHarness.FirstPage, TransportHarness.Cancellation);
        await Fail();
        answer.SetResult(Answers.Page());
        await slow;

        // The success is one of the four attempts that it takes.
        Assert.Equal(2, await FailuresUntilOpen());
    }

    [Fact]
    public async Task GetPage_RefusalsBeforeTheFirstFailure_CountAsSuccesses()
    {
        for (var time = 0; time < 6; time++)
        {
            _harness.Handler.Then(() => Answers.Error(400, "22P02"));
            Assert.Equal("22P02", (await _harness.FailAsync()).Code);
        }

        Assert.Equal(6, await FailuresUntilOpen());
    }

    private async Task SucceedTimes(int times)
    {
        _harness.Handler.Then(() => Answers.Page());
        for (var time = 0; time < times; time++)
        {
            await _harness.GetAsync();
        }
    }

    private async Task Fail() => Assert.NotEqual(SyncErrorKind.CircuitOpen, await FailOnce());

    private async Task<SyncErrorKind> FailOnce()
    {
        _harness.Handler.Then(() => Answers.Error(503, null));
        return (await _harness.FailAsync()).Kind;
    }

    private async Task<int> FailuresUntilOpen()
    {
        var failures = 0;
        while (await FailOnce() != SyncErrorKind.CircuitOpen)
        {
            failures++;
        }

        return failures;
    }
}
