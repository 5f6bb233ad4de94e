using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

public sealed class VirtualTimeProviderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Advance_SeveralTimers_FiresInDueOrderTiesByCreation()
    {
        var time = new VirtualTimeProvider();
        List<string> fired = [];
        using var late = Set(time, fired, "late", 3);
        using var first = Set(time, fired, "tie 1", 2);
        using var second = Set(time, fired, "tie 2", 2);
        using var early = Set(time, fired, "early", 1);

        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["early@1", "tie 1@2", "tie 2@2"], fired);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("late@3", fired[^1]);
        Assert.Equal(TimeSpan.FromSeconds(3), time.Elapsed);
    }

    [Fact]
    public void Advance_PeriodicChangedAndDisposedTimers_FireAsSetLast()
    {
        var time = new VirtualTimeProvider();
        List<string> fired = [];
        using var periodic = time.CreateTimer(_ => fired.Add($"p@{time.Elapsed.TotalSeconds}"), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        using var moved = Set(time, fired, "moved", 1);
        moved.Change(TimeSpan.FromSeconds(4), Timeout.InfiniteTimeSpan);
        var gone = Set(time, fired, "gone", 1);
        gone.Dispose();

        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(["p@1", "p@3", "moved@4", "p@5"], fired);
        Assert.Equal(1, time.PendingTimers);
    }

    [Fact]
    public void JumpWallClock_WithATimerSet_MovesNeitherTimestampNorTimer()
    {
        var time = new VirtualTimeProvider();
        List<string> fired = [];
        using var timer = Set(time, fired, "t", 10);
        var before = time.GetTimestamp();

        time.JumpWallClock(TimeSpan.FromDays(-3));

        Assert.Empty(fired);
        Assert.Equal(before, time.GetTimestamp());
        Assert.Equal(new DateTimeOffset(2025, 12, 29, 0, 0, 0, TimeSpan.Zero), time.GetUtcNow());
    }

    [Fact]
    public void Run_DelaysInsideDelays_RunsInlineOnOneThread()
    {
        var time = new VirtualTimeProvider();
        var thread = Environment.CurrentManagedThreadId;
        HashSet<int> threads = [];

        var result = time.Run(async () =>
        {
            for (var round = 0; round < 1000; round++)
            {
                await Task.Delay(TimeSpan.FromMinutes(1), time, Token);
                threads.Add(Environment.CurrentManagedThreadId);
            }

            return 42;
        });

        Assert.Equal(42, result);
        Assert.Equal([thread], threads);
        Assert.Equal(TimeSpan.FromMinutes(1000), time.Elapsed);
    }

    [Fact]
    public void RunUntilCompleted_TaskThatWaitsForSomethingElse_SaysSo()
    {
        var time = new VirtualTimeProvider();

        Assert.Throws<InvalidOperationException>(() => time.RunUntilCompleted(new TaskCompletionSource().Task));
    }

    [Fact]
    public void Run_TimeoutByCancellationSource_CancelsInVirtualTime()
    {
        var time = new VirtualTimeProvider();

        Assert.ThrowsAny<OperationCanceledException>(() => time.Run(async () =>
        {
            using var source = new CancellationTokenSource(TimeSpan.FromSeconds(30), time);
            await Task.Delay(TimeSpan.FromHours(1), time, source.Token);
            return 0;
        }));

        Assert.Equal(TimeSpan.FromSeconds(30), time.Elapsed);
    }

    private static ITimer Set(VirtualTimeProvider time, List<string> fired, string name, int seconds) =>
        time.CreateTimer(_ => fired.Add($"{name}@{time.Elapsed.TotalSeconds}"), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
}
