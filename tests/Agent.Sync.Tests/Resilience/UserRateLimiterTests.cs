using Agent.Sync.Resilience;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.Resilience;

public sealed class UserRateLimiterTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Acquire_WithinTheBurst_DoesNotWait()
    {
        var limiter = Make(rate: 1, burst: 5);

        for (var request = 0; request < 5; request++)
        {
            Assert.Equal(TimeSpan.Zero, await Acquire(limiter));
        }

        Assert.False(Acquire(limiter).IsCompleted);
    }

    [Fact]
    public async Task Acquire_BeyondTheBurst_IsPacedInTheOrderOfAsking()
    {
        var limiter = Make(rate: 2, burst: 1);
        await Acquire(limiter);
        var order = new List<int>();
        var waits = Enumerable.Range(0, 3).Select(async number =>
        {
            var waited = await Acquire(limiter);
            order.Add(number);
            return waited.TotalSeconds;
        }).ToArray();

        Pass(TimeSpan.FromSeconds(5));

        var seconds = await Task.WhenAll(waits);
        Assert.Equal([0.5, 1, 1.5], seconds);
        Assert.Equal([0, 1, 2], order);
    }

    [Fact]
    public async Task Acquire_OtherUserWaits_IsNotAffected()
    {
        var limiter = Make(rate: 1, burst: 1);
        await Acquire(limiter, "a");
        var blocked = Acquire(limiter, "a");
        limiter.Slow("a");

        Assert.Equal(TimeSpan.Zero, await Acquire(limiter, "b"));
        Assert.False(blocked.IsCompleted);
    }

    [Fact]
    public async Task Acquire_WaiterCancelled_LeavesItsPlaceToTheNext()
    {
        using var cancelled = new CancellationTokenSource();
        var limiter = Make(rate: 1, burst: 1);
        await Acquire(limiter);
        var first = limiter.AcquireAsync("a", cancelled.Token).AsTask();
        var second = Acquire(limiter);

        await cancelled.CancelAsync();
        _time.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(1, (await second).TotalSeconds);
    }

    [Fact]
    public async Task Slow_OneBurstOf429s_HalvesOnceAndRecoversSlowly()
    {
        var limiter = Make(rate: 10, burst: 10);

        Assert.Equal(5, limiter.Slow("a"));
        Assert.Null(limiter.Slow("a"));
        Assert.Equal(5, await BurstOf(limiter));

        _time.Advance(TimeSpan.FromSeconds(30));

        // The tenth went to the one that was left waiting.
        Assert.Equal(9, await BurstOf(limiter));
    }

    [Fact]
    public void Slow_Again_HasAFloor()
    {
        var limiter = Make(rate: 4, burst: 1);
        double? rate = null;
        for (var time = 0; time < 10; time++)
        {
            rate = limiter.Slow("a");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(0.5, rate);
    }

    [Fact]
    public async Task Acquire_ManyUsers_KeepsABoundedNumberOfBuckets()
    {
        var limiter = Make(rate: 1, burst: 2);
        await Acquire(limiter, "busy");
        await Acquire(limiter, "busy");
        var waiting = Acquire(limiter, "busy");

        for (var user = 0; user < 3 * UserRateLimiter.MaxBuckets; user++)
        {
            await Acquire(limiter, "user " + user);
        }

        Assert.InRange(limiter.Count, 1, UserRateLimiter.MaxBuckets);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await waiting).TotalSeconds);
    }

    [Fact]
    public async Task Acquire_ManyThreads_NeverGivesMoreThanThereIs()
    {
        var limiter = Make(rate: 100, burst: 50);

        var requests = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => Enumerable.Range(0, 20).Select(_ => Acquire(limiter)).ToArray(), TestContext.Current.CancellationToken)));
        var all = requests.SelectMany(request => request).ToArray();
        Assert.Equal(50, all.Count(request => request.IsCompleted));

        Pass(TimeSpan.FromSeconds(2));
        Assert.All(all, request => Assert.True(request.IsCompleted));
        await Task.WhenAll(all);
    }

    private static Task<TimeSpan> Acquire(UserRateLimiter limiter, string user = "a") =>
        limiter.AcquireAsync(user, TestContext.Current.CancellationToken).AsTask();

    private static async Task<int> BurstOf(UserRateLimiter limiter)
    {
        var granted = 0;
        while (Acquire(limiter) is { IsCompleted: true } request)
        {
            await request;
            granted++;
        }

        return granted;
    }

    // In steps: a bucket that is not looked at for long holds no more than its burst.
    private void Pass(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMilliseconds(10))
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }
    }

    private UserRateLimiter Make(double rate, int burst) =>
        new(new RateLimitOptions { RequestsPerSecond = rate, Burst = burst }, _time);
}
