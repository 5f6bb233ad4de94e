using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Faults;
using BackendHost;

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

    [Fact]
    public async Task SyncAsync_OneHundredThousandRows_MemoryStaysFlat()
    {
        const int Rows = 100_000;
        const long Megabyte = 1024 * 1024;
        var user = await backends.Main.SignUpWithRowsAsync(Rows, new SeedOptions { ContentBytes = 1_000 });
        await using var device = new Device(backends.Main, user) { Configure = static options => options.PageSize = 1_000 };
        var progress = new ProgressRecorder();

        // What tests before and beside this one hold is not the sync's.
        GC.Collect();
        var before = Environment.WorkingSet;

        var result = await device.SyncAsync(progress: progress, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Rows, result.Applied);
        var early = progress.Reports.Where(static report => report.Completed <= Rows / 4).Max(static report => report.MemoryBytes);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Rows} rows, {result.Datasets[0].Bytes / Megabyte} MB of JSON, {result.Datasets[0].Requests} requests, {result.Duration.TotalSeconds:F1} s, " +
            $"working set {early / Megabyte} MB in the first quarter, {result.PeakMemoryBytes / Megabyte} MB at most.");
        Assert.InRange(result.PeakMemoryBytes - before, long.MinValue, 250 * Megabyte);

        // Other tests run in this process at the same time, so the bound is generous; the JSON alone is above 130 MB.
        Assert.InRange(result.PeakMemoryBytes - early, 0, 120 * Megabyte);
        await device.AssertEqualToServerAsync();
    }
}
