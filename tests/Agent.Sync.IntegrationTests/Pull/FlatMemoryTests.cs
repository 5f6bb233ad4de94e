using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Faults;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Pull;

/// <summary>How much memory a long pull takes. What the process holds is measured, so no other test runs beside this one.</summary>
[Collection(nameof(FlatMemoryTests))]
public sealed class FlatMemoryTests(BackendFixture backends)
{
    [Fact]
    public async Task SyncAsync_OneHundredThousandRows_MemoryStaysFlat()
    {
        const int Rows = 100_000;
        const long Megabyte = 1024 * 1024;
        var user = await backends.Main.SignUpWithRowsAsync(Rows, new SeedOptions { ContentBytes = 1_000 });
        await using var device = new Device(backends.Main, user) { Configure = static options => options.PageSize = 1_000 };
        var progress = new ProgressRecorder();

        // What tests before this one left is not the sync's.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var before = Environment.WorkingSet;

        var result = await device.SyncAsync(progress: progress, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Rows, result.Applied);
        var early = progress.Reports.Where(static report => report.Completed <= Rows / 4).Max(static report => report.MemoryBytes);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Rows} rows, {result.Datasets[0].Bytes / Megabyte} MB of JSON, {result.Datasets[0].Requests} requests, {result.Duration.TotalSeconds:F1} s, " +
            $"working set {early / Megabyte} MB in the first quarter, {result.PeakMemoryBytes / Megabyte} MB at most.");
        Assert.InRange(result.PeakMemoryBytes - before, long.MinValue, 250 * Megabyte);

        // The JSON alone is above 130 MB.
        Assert.InRange(result.PeakMemoryBytes - early, 0, 120 * Megabyte);
        await device.AssertEqualToServerAsync();
    }
}

/// <summary>Runs after the tests that run side by side.</summary>
[CollectionDefinition(nameof(FlatMemoryTests), DisableParallelization = true)]
public sealed class FlatMemoryTestsAlone;
