using System.Diagnostics.Metrics;
using Agent.Sync.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Agent.Sync.Tests.Diagnostics;

public sealed class SyncMetricsTests
{
    private readonly IMeterFactory _meters =
        new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    [Fact]
    public void RecordDataset_WithAndWithoutAnError_IsInSecondsWithTheAgreedTags()
    {
        using var duration = Collect<double>("sync_duration");
        using var metrics = new SyncMetrics(_meters);

        metrics.RecordDataset("items", "Completed", errorType: null, TimeSpan.FromMilliseconds(1500));
        metrics.RecordDataset("items", "Failed", "Unreachable", TimeSpan.FromSeconds(2));

        var measurements = duration.GetMeasurementSnapshot();
        AssertMeasured(measurements[0], 1.5, ("dataset", "items"), ("direction", "pull"), ("outcome", "Completed"));
        AssertMeasured(measurements[1], 2.0, ("dataset", "items"), ("direction", "pull"), ("outcome", "Failed"), ("error.type", "Unreachable"));
        Assert.Equal("s", duration.Instrument!.Unit);
    }

    [Fact]
    public void RecordArtifacts_ThreeOutcomes_CountsEachThatHappened()
    {
        using var artifacts = Collect<long>("sync_artifact_count");
        using var metrics = new SyncMetrics(_meters);

        metrics.RecordArtifacts("items", 5, 0, 2);

        var measurements = artifacts.GetMeasurementSnapshot();
        Assert.Equal(2, measurements.Count);
        AssertMeasured(measurements[0], 5, ("dataset", "items"), ("direction", "pull"), ("outcome", "applied"));
        AssertMeasured(measurements[1], 2, ("dataset", "items"), ("direction", "pull"), ("outcome", "deleted"));
        Assert.Equal("{artifact}", artifacts.Instrument!.Unit);
    }

    [Fact]
    public void RecordPageAndRequests_EachInstrument_HasItsUnitAndTags()
    {
        using var pages = Collect<long>("sync_page_count");
        using var bytes = Collect<long>("sync_received_bytes");
        using var requests = Collect<long>("sync_request_count");
        using var retries = Collect<long>("sync_retry_count");
        using var waits = Collect<double>("sync_rate_limit_wait");
        using var metrics = new SyncMetrics(_meters);

        metrics.RecordPage("items", 1234);
        metrics.RecordRequests("items", 7, 3, TimeSpan.FromMilliseconds(250));

        AssertMeasured(Assert.Single(pages.GetMeasurementSnapshot()), 1, ("dataset", "items"), ("direction", "pull"));
        AssertMeasured(Assert.Single(bytes.GetMeasurementSnapshot()), 1234, ("dataset", "items"), ("direction", "pull"));
        AssertMeasured(Assert.Single(requests.GetMeasurementSnapshot()), 7, ("dataset", "items"), ("direction", "pull"));
        AssertMeasured(Assert.Single(retries.GetMeasurementSnapshot()), 3, ("dataset", "items"), ("direction", "pull"));
        AssertMeasured(Assert.Single(waits.GetMeasurementSnapshot()), 0.25, ("dataset", "items"), ("direction", "pull"));
        Assert.Equal(
            ["{page}", "By", "{request}", "{request}", "s"],
            new[] { pages.Instrument!.Unit, bytes.Instrument!.Unit, requests.Instrument!.Unit, retries.Instrument!.Unit, waits.Instrument!.Unit });
    }

    [Fact]
    public void Gauges_MemoryAndCheckpointAge_HaveTheirUnits()
    {
        using var memory = Collect<long>("sync_memory_peak");
        using var age = Collect<double>("sync_checkpoint_age");
        using var asOf = Collect<double>("sync_as_of");
        using var metrics = new SyncMetrics(_meters);

        metrics.RecordMemoryPeak(99);
        metrics.RecordCheckpointAge("items", TimeSpan.FromMinutes(5));
        metrics.RecordAsOf("items", DateTimeOffset.UnixEpoch.AddSeconds(1_770_000_000.5));

        AssertMeasured(Assert.Single(memory.GetMeasurementSnapshot()), 99);
        AssertMeasured(Assert.Single(age.GetMeasurementSnapshot()), 300.0, ("dataset", "items"));
        AssertMeasured(Assert.Single(asOf.GetMeasurementSnapshot()), 1_770_000_000.5, ("dataset", "items"));
        Assert.Equal(["By", "s", "s"], new[] { memory.Instrument!.Unit, age.Instrument!.Unit, asOf.Instrument!.Unit });
    }

    [Fact]
    public void MemoryWatch_Samples_KeepsThePeakAndThePercentage()
    {
        var samples = new Queue<long>([100, 300, 200]);
        var memory = new MemoryWatch(samples.Dequeue, limit: 250);

        memory.Sample();
        Assert.False(memory.IsAboveLimit);
        memory.Sample();
        Assert.True(memory.IsAboveLimit);
        memory.Sample();

        Assert.Equal(200, memory.Current);
        Assert.Equal(300, memory.Peak);
        Assert.Equal(80, memory.PercentOfLimit);
    }

    private MetricCollector<T> Collect<T>(string name)
        where T : struct => new(_meters, SyncDiagnostics.MeterName, name);

    private static void AssertMeasured<T>(CollectedMeasurement<T> measurement, T value, params (string Name, string Value)[] tags)
        where T : struct
    {
        Assert.Equal(value, measurement.Value);
        Assert.Equal(
            tags.Select(tag => new KeyValuePair<string, object?>(tag.Name, tag.Value)).OrderBy(tag => tag.Key, StringComparer.Ordinal),
            measurement.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal));
    }
}
