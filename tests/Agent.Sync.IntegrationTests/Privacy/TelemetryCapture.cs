using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.IntegrationTests.Privacy;

/// <summary>Everything that leaves the library for people to read: logs at every level, metric tags, activities.</summary>
internal sealed class TelemetryCapture : ILoggerProvider
{
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _activities;

    public TelemetryCapture()
    {
        _meters.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name is SyncDiagnostics.MeterName or "System.Net.Http")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => AddMeasurement(instrument, tags));
        _meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => AddMeasurement(instrument, tags));
        _meters.Start();
        _activities = new ActivityListener
        {
            ShouldListenTo = static source => source.Name is SyncDiagnostics.ActivitySourceName or "System.Net.Http",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = AddActivity,
        };
        ActivitySource.AddActivityListener(_activities);
    }

    public ConcurrentQueue<string> Logs { get; } = [];

    public ConcurrentQueue<string> Measurements { get; } = [];

    public ConcurrentQueue<string> Activities { get; } = [];

    // Other tests' requests are heard too and may add while this reads: a spread queue would be counted first and copied then.
    public IEnumerable<string> All => [.. Logs.ToArray(), .. Measurements.ToArray(), .. Activities.ToArray()];

    public ILogger CreateLogger(string categoryName) => new CaptureLogger(categoryName, Logs);

    public void Dispose()
    {
        _meters.Dispose();
        _activities.Dispose();
    }

    private static string Describe(IEnumerable<KeyValuePair<string, object?>> tags) =>
        string.Join(", ", tags.Select(static tag => string.Create(CultureInfo.InvariantCulture, $"{tag.Key}={tag.Value}")));

    private void AddMeasurement(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        Measurements.Enqueue($"{instrument.Name} {instrument.Description} {Describe(tags.ToArray())}");

    private void AddActivity(Activity activity) => Activities.Enqueue(
        $"{activity.Source.Name} {activity.OperationName} {activity.DisplayName} {activity.StatusDescription} {Describe(activity.TagObjects)} "
        + string.Join("; ", activity.Events.Select(static occurrence => $"{occurrence.Name} {Describe(occurrence.Tags)}"))
        + Describe(activity.Baggage.Select(static item => new KeyValuePair<string, object?>(item.Key, item.Value))));
}
