using System.Diagnostics;
using Agent.Sync.Postgrest;
using Agent.Sync.Runs;

namespace Agent.Sync.Engine;

/// <summary>Records what a run and its phases did: its span, the metrics and the log. Used by one caller at a time.</summary>
internal sealed class RunRecorder(RunContext run)
{
    /// <summary>Records that the run starts.</summary>
    /// <returns>The run's span; null when nobody listens.</returns>
    public Activity? StartRun(int datasets)
    {
        var span = SyncDiagnostics.Source.StartActivity("sync");
        span?.SetTag("datasets", datasets);
        EngineLog.RunStarts(run.Log, datasets, run.Request.PageSize ?? run.Options.PageSize);
        run.Memory.Sample();
        return span;
    }

    public void RecordMemory()
    {
        run.Memory.Sample();
        run.Metrics.RecordMemoryPeak(run.Memory.Peak);
    }

    public static void RecordFailure(Activity? span, Exception exception)
    {
        span?.SetStatus(ActivityStatusCode.Error);
        span?.SetTag("error.type", NameOf(exception));
    }

    /// <summary>Records the end of the run. An app that syncs every minute would fill its log with runs in which nothing moved.</summary>
    public void RecordEnd(Activity? span, SyncResult result)
    {
        span?.SetTag("outcome", result.Outcome.ToString());
        var percent = 100.0 * result.PeakMemoryBytes / run.Options.MemoryLimit;
        if (result.Outcome == SyncOutcome.Completed && result.Datasets.All(WasIdle))
        {
            EngineLog.RunWasIdle(run.Log, result.Duration.TotalSeconds, result.PeakMemoryBytes, percent);
        }
        else
        {
            EngineLog.RunEnded(run.Log, result.Outcome, result.Duration.TotalSeconds, result.PeakMemoryBytes, percent);
        }
    }

    /// <summary>Records how a dataset stands at the end of the run.</summary>
    public void RecordEnd(DatasetResult result)
    {
        run.Metrics.RecordGrade(result.Dataset, result.Grade);
        if (result.AsOf is { } time)
        {
            run.Metrics.RecordAsOf(result.Dataset, time);
        }

        if (WasIdle(result))
        {
            EngineLog.DatasetWasIdle(
                run.Log, result.Dataset, result.Grade, result.Unchanged, result.Pages, result.Requests, result.Retries, result.Duration.TotalSeconds);
        }
        else
        {
            EngineLog.DatasetEnded(
                run.Log,
                result.Dataset,
                result.Outcome,
                result.Grade,
                result.Applied,
                result.Unchanged,
                result.Deleted,
                result.Pages,
                result.Requests,
                result.Retries,
                result.Duration.TotalSeconds);
        }

        if (result.Parked > 0)
        {
            EngineLog.RowsParked(run.Log, result.Dataset, result.Parked);
        }
    }

    /// <summary>Records that a phase of a dataset starts.</summary>
    /// <param name="dataset">Its name.</param>
    /// <param name="direction">The direction, as the metrics call it.</param>
    /// <param name="tally">Where the dataset's requests are counted.</param>
    public PhaseRecord StartPhase(string dataset, string direction, RequestTally tally) =>
        new(dataset, direction, tally, run.Seams.Time.GetTimestamp(), tally.Requests, tally.Retries, tally.RateLimitWait);

    /// <summary>Records the end of a phase.</summary>
    /// <returns>How long it took.</returns>
    public TimeSpan EndPhase(PhaseRecord phase)
    {
        var elapsed = run.Seams.Time.GetElapsedTime(phase.Started);
        run.Metrics.RecordDataset(phase.Dataset, phase.Outcome, phase.Error, elapsed, phase.Direction);
        run.Metrics.RecordRequests(
            phase.Dataset,
            phase.Tally.Requests - phase.Requests,
            phase.Tally.Retries - phase.Retries,
            phase.Tally.RateLimitWait - phase.RateLimitWait,
            phase.Direction);
        return elapsed;
    }

    public void RecordFailure(PhaseRecord phase, Exception exception)
    {
        phase.Outcome = exception is OperationCanceledException ? "Cancelled" : "Failed";
        phase.Error = NameOf(exception);
        RecordFailure(phase.Dataset, exception);
    }

    public void RecordFailure(string dataset, Exception exception)
    {
        if (exception is OperationCanceledException)
        {
            EngineLog.Cancelled(run.Log, dataset);
        }
        else if (exception is SyncException failure)
        {
            EngineLog.Failed(run.Log, dataset, failure.Kind, failure.Code ?? SyncException.NoCode);
        }
    }

    private static string NameOf(Exception exception) => exception switch
    {
        SyncException failure => failure.Kind.ToString(),
        OperationCanceledException => "Cancelled",
        _ => exception.GetType().Name,
    };

    private static bool WasIdle(DatasetResult result) => result is
    {
        Outcome: SyncOutcome.Completed, Applied: 0, Deleted: 0, Pushed: 0, Conflicts: 0, Rejected: 0, Pending: 0
    };
}

/// <summary>One phase of one dataset under way: what had been counted when it started, and how it ends.</summary>
internal sealed record PhaseRecord(
    string Dataset, string Direction, RequestTally Tally, long Started, long Requests, long Retries, TimeSpan RateLimitWait)
{
    public string Outcome { get; set; } = "Failed";

    /// <summary>Gets or sets the kind of the failure; null when there was none.</summary>
    public string? Error { get; set; }
}
