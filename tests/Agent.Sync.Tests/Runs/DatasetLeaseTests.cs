using Agent.Sync.Runs;
using Agent.Sync.Seams;
using Agent.Sync.Stores;
using Agent.Sync.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.Runs;

public sealed class DatasetLeaseTests
{
    private readonly FakeTimeProvider _time = new(Items.Noon);
    private readonly InMemoryCheckpointStore _store = new();
    private CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task AcquireAsync_Free_GivesAFenceThatRises()
    {
        var first = await AcquireAsync("a");
        await first.ReleaseAsync();
        var second = await AcquireAsync("b");

        Assert.True(second.Fence.Value > first.Fence.Value);
    }

    [Fact]
    public async Task AcquireAsync_HeldOnThisMachine_NamesTheProcess()
    {
        await AcquireAsync("a", pid: 77);

        var exception = await Assert.ThrowsAsync<SyncStoreException>(() => AcquireAsync("a", pid: 78));

        Assert.Equal(SyncErrorKind.LeaseHeld, exception.Kind);
        Assert.True(exception.IsTransient);
        Assert.Contains("process 77 of this machine", exception.Message, StringComparison.Ordinal);
        Assert.Contains("12:00:30", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AcquireAsync_HeldByAnotherEngineOfThisProcess_SaysSo()
    {
        await AcquireAsync("a", pid: 77);

        var exception = await Assert.ThrowsAsync<SyncStoreException>(() => AcquireAsync("a", pid: 77));

        Assert.Contains("by another engine in this process", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("77", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AcquireAsync_HeldElsewhere_DoesNotNameTheMachine()
    {
        await AcquireAsync("canary");

        var exception = await Assert.ThrowsAsync<SyncStoreException>(() => AcquireAsync("b"));

        Assert.Contains("another machine", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AcquireAsync_AskedToWait_TakesItWhenItIsGivenBack()
    {
        var first = await AcquireAsync("a");
        var waiting = AcquireAsync("b", wait: TimeSpan.FromSeconds(10));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(waiting.IsCompleted);

        await first.ReleaseAsync();
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True((await waiting).Fence.Value > first.Fence.Value);
    }

    [Fact]
    public async Task AcquireAsync_WaitIsOver_Fails()
    {
        await AcquireAsync("a");
        var waiting = AcquireAsync("b", wait: TimeSpan.FromSeconds(2.5));

        for (var second = 0; second < 3; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await Assert.ThrowsAsync<SyncStoreException>(() => waiting);
    }

    [Fact]
    public async Task AcquireAsync_CancelledWhileWaiting_ThrowsCancellation()
    {
        await AcquireAsync("a");
        using var cancel = new CancellationTokenSource();
        _cancellation = cancel.Token;
        var waiting = AcquireAsync("b", wait: TimeSpan.FromHours(1));

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task RenewIfDueAsync_AfterTenSeconds_HoldsThirtyMore()
    {
        var lease = await AcquireAsync("a");
        for (var renewal = 0; renewal < 6; renewal++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            await lease.RenewIfDueAsync();
        }

        _time.Advance(TimeSpan.FromSeconds(29));
        await Assert.ThrowsAsync<SyncStoreException>(() => AcquireAsync("b"));
        _time.Advance(TimeSpan.FromSeconds(2));
        await AcquireAsync("b");
    }

    [Fact]
    public async Task RenewIfDueAsync_BeforeTenSeconds_AsksNobody()
    {
        var lease = await AcquireAsync("a");
        _time.Advance(TimeSpan.FromSeconds(9.9));

        await lease.RenewIfDueAsync();

        _time.Advance(TimeSpan.FromSeconds(20.1));
        await AcquireAsync("b");
    }

    [Fact]
    public async Task RenewIfDueAsync_LapsedButNotTaken_GoesOn()
    {
        var lease = await AcquireAsync("a");
        _time.Advance(TimeSpan.FromHours(1));

        await lease.RenewIfDueAsync();

        await Assert.ThrowsAsync<SyncStoreException>(() => AcquireAsync("b"));
    }

    [Fact]
    public async Task RenewIfDueAsync_TakenByAnother_IsLost()
    {
        var lease = await AcquireAsync("a");
        _time.Advance(TimeSpan.FromSeconds(31));
        await AcquireAsync("b");

        var exception = await Assert.ThrowsAsync<SyncStoreException>(() => lease.RenewIfDueAsync().AsTask());

        Assert.Equal(SyncErrorKind.LeaseLost, exception.Kind);
        await lease.ReleaseAsync();
        await Assert.ThrowsAsync<SyncStoreException>(() => AcquireAsync("c"));
    }

    [Fact]
    public async Task AcquireAsync_HolderIsGone_ReplacesItAtOnce()
    {
        var first = await AcquireAsync("a");

        var second = await AcquireAsync("a", pid: 2, gone: true);

        Assert.True(second.Fence.Value > first.Fence.Value);
    }

    private Task<DatasetLease> AcquireAsync(
        string machine, int pid = 1, TimeSpan wait = default, bool gone = false)
    {
        var seams = new EngineSeams
        {
            Time = _time,
            Owner = () => new LeaseOwner(machine, pid, 1, Guid.NewGuid()),
            HolderIsGone = _ => gone,
        };
        return DatasetLease.AcquireAsync(_store, Items.Dataset, seams, wait, _cancellation);
    }
}
