using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Faults;

namespace Agent.Sync.IntegrationTests.Pull;

public sealed class RowCountTests(BackendFixture backends)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(10_000)]
    public async Task SyncAsync_SoManyRowsByPagesOf100_AllArriveOnce(int rows)
    {
        var user = await backends.Main.SignUpWithRowsAsync(rows);
        await using var device = new Device(backends.Main, user);
        var progress = new ProgressRecorder();

        var first = await device.SyncAsync(progress: progress, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.Completed, first.Outcome);
        Assert.Equal(CompletenessGrade.Exact, first.Grade);
        Assert.Equal(rows, first.Applied);
        Assert.Equal(rows, await device.CountAsync());
        Assert.Equal(1.0, progress.Reports[^1].Fraction);
        Assert.Equal(rows, progress.Reports[^1].Completed);
        await device.AssertEqualToServerAsync();

        var second = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(0, second.Applied);
        await device.AssertEqualToServerAsync();
    }
}
