using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Agent.Sync.Diagnostics;

/// <summary>The instruments. Tags are dataset, direction, outcome and error.type: never a user, an id, a cursor or a URL.</summary>
internal sealed class SyncMetrics : IDisposable
{
    /// <summary>The direction of rows that come down.</summary>
    public const string Pull = "pull";

    /// <summary>The direction of changes that go up.</summary>
    public const string Push = "push";

    /// <summary>The direction of requests that compare.</summary>
    public const string Verify = "verify";

    // From one request that finds nothing to a first sync of an hour. The default boundaries of exporters are made for milliseconds.
    private static readonly double[] DurationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];

    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _artifacts;
    private readonly Gauge<long> _memoryPeak;
    private readonly Counter<long> _pages;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _retries;
    private readonly Counter<double> _rateLimitWait;
    private readonly Gauge<double> _checkpointAge;
    private readonly Gauge<double> _asOf;
    private readonly Gauge<double> _horizonAge;
    private readonly Gauge<int> _grade;
    private readonly Histogram<double> _verifyDuration;
    private readonly Counter<long> _verifyRows;

    public SyncMetrics(IMeterFactory? factory)
    {
        // Without a factory the engine owns its meter; listeners find either by name.
        _ownsMeter = factory is null;
        _meter = factory?.Create(new MeterOptions(SyncDiagnostics.MeterName)) ?? new Meter(SyncDiagnostics.MeterName);
        _duration = _meter.CreateHistogram(
            "sync_duration", "s", "Time of one dataset's sync.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBuckets });
        _artifacts = _meter.CreateCounter<long>("sync_artifact_count", "{artifact}", "Rows synced, by outcome: applied, unchanged, deleted; going up: applied, conflict, rejected.");
        _memoryPeak = _meter.CreateGauge<long>("sync_memory_peak", "By", "Highest working set of the process seen during the last run.");
        _pages = _meter.CreateCounter<long>("sync_page_count", "{page}", "Pages received.");
        _bytes = _meter.CreateCounter<long>("sync_received_bytes", "By", "JSON received, after decompression.");
        _requests = _meter.CreateCounter<long>("sync_request_count", "{request}", "HTTP requests sent, retries included.");
        _retries = _meter.CreateCounter<long>("sync_retry_count", "{request}", "HTTP requests sent again after a failure.");
        _rateLimitWait = _meter.CreateCounter<double>("sync_rate_limit_wait", "s", "Time spent waiting for the rate limit.");
        _checkpointAge = _meter.CreateGauge<double>("sync_checkpoint_age", "s", "Age of the safe position at a run's end, by the server's clock.");
        _asOf = _meter.CreateGauge<double>("sync_as_of", "s", "The server's time before which every committed change is stored locally, in seconds since 1970.");
        _horizonAge = _meter.CreateGauge<double>("sync_horizon_age", "s", "How long a transaction on the server has held the horizon back; 0 when none does.");
        _grade = _meter.CreateGauge<int>("sync_grade", "{grade}", "The grade of the last run: 0 overlap, 1 exact.");
        _verifyDuration = _meter.CreateHistogram(
            "sync_verify_duration", "s", "Time of one verify.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBuckets });
        _verifyRows = _meter.CreateCounter<long>("sync_verify_row_count", "{row}", "Rows of a verify, by outcome: compared, missing, stale, extra, newer, restored, removed.");
    }

    public void RecordVerify(string dataset, string outcome, string? errorType, TimeSpan duration)
    {
        var tags = new TagList { { "dataset", dataset }, { "outcome", outcome } };
        if (errorType is not null)
        {
            tags.Add("error.type", errorType);
        }

        _verifyDuration.Record(duration.TotalSeconds, tags);
    }

    public void RecordVerify(VerifyResult result)
    {
        Record("compared", result.Compared);
        Record("missing", result.Missing);
        Record("stale", result.Stale);
        Record("extra", result.Extra);
        Record("newer", result.Newer);
        Record("restored", result.Restored);
        Record("removed", result.Removed);

        void Record(string outcome, long rows)
        {
            if (rows > 0)
            {
                _verifyRows.Add(rows, new("dataset", result.Dataset), new("outcome", outcome));
            }
        }
    }

    public void RecordDataset(string dataset, string outcome, string? errorType, TimeSpan duration, string direction = Pull)
    {
        var tags = new TagList { { "dataset", dataset }, { "direction", direction }, { "outcome", outcome } };
        if (errorType is not null)
        {
            tags.Add("error.type", errorType);
        }

        _duration.Record(duration.TotalSeconds, tags);
    }

    public void RecordArtifacts(string dataset, long applied, long unchanged, long deleted)
    {
        RecordRows(dataset, Pull, "applied", applied);
        RecordRows(dataset, Pull, "unchanged", unchanged);
        RecordRows(dataset, Pull, "deleted", deleted);
    }

    public void RecordPushed(string dataset, long applied, long conflicts, long rejected)
    {
        RecordRows(dataset, Push, "applied", applied);
        RecordRows(dataset, Push, "conflict", conflicts);
        RecordRows(dataset, Push, "rejected", rejected);
    }

    /// <summary>Records the bytes of an answer to a push; a page's bytes are counted with the page.</summary>
    public void RecordAnswer(string dataset, long bytes) => _bytes.Add(bytes, new TagList { { "dataset", dataset }, { "direction", Push } });

    public void RecordPage(string dataset, long bytes)
    {
        var tags = new TagList { { "dataset", dataset }, { "direction", Pull } };
        _pages.Add(1, tags);
        _bytes.Add(bytes, tags);
    }

    public void RecordRequests(string dataset, long requests, long retries, TimeSpan rateLimitWait, string direction = Pull)
    {
        var tags = new TagList { { "dataset", dataset }, { "direction", direction } };
        _requests.Add(requests, tags);
        _retries.Add(retries, tags);
        _rateLimitWait.Add(rateLimitWait.TotalSeconds, tags);
    }

    private void RecordRows(string dataset, string direction, string outcome, long rows)
    {
        if (rows > 0)
        {
            _artifacts.Add(rows, new("dataset", dataset), new("direction", direction), new("outcome", outcome));
        }
    }

    public void RecordMemoryPeak(long bytes) => _memoryPeak.Record(bytes);

    public void RecordCheckpointAge(string dataset, TimeSpan age) =>
        _checkpointAge.Record(age.TotalSeconds, new KeyValuePair<string, object?>("dataset", dataset));

    public void RecordAsOf(string dataset, DateTimeOffset time) =>
        _asOf.Record((time - DateTimeOffset.UnixEpoch).TotalSeconds, new KeyValuePair<string, object?>("dataset", dataset));

    public void RecordHorizonAge(string dataset, TimeSpan age) =>
        _horizonAge.Record(age.TotalSeconds, new KeyValuePair<string, object?>("dataset", dataset));

    public void RecordGrade(string dataset, CompletenessGrade grade) =>
        _grade.Record((int)grade, new KeyValuePair<string, object?>("dataset", dataset));

    public void Dispose()
    {
        if (_ownsMeter)
        {
            _meter.Dispose();
        }
    }
}
