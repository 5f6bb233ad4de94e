using System.Diagnostics;
using Agent.Sync.Diagnostics;
using Agent.Sync.Kit;
using Agent.Sync.Postgrest;
using Agent.Sync.Progress;

namespace Agent.Sync.Engine;

/// <summary>One call of SyncAsync: every dataset in turn, until one stops the run.</summary>
internal sealed class SyncRun
{
    private readonly EngineParts _parts;
    private readonly SyncRequest _request;
    private readonly IReadOnlyList<Dataset> _datasets;
    private readonly MemoryWatch _memory;
    private readonly ProgressTracker _progress;
    private readonly List<DatasetResult> _results = [];
    private SyncOutcome _outcome = SyncOutcome.Completed;
    private string? _subject;

    public SyncRun(EngineParts parts, SyncRequest request, IReadOnlyList<Dataset> datasets, IProgress<SyncProgress>? progress)
    {
        _parts = parts;
        _request = request;
        _datasets = datasets;
        _memory = new MemoryWatch(parts.Seams.WorkingSet, parts.Options.MemoryLimit);
        _progress = new ProgressTracker(progress, parts.Seams.Time, parts.Log);
    }

    public async Task<SyncResult> RunAsync(CancellationToken cancellationToken)
    {
        using var activity = SyncDiagnostics.Source.StartActivity("sync");
        activity?.SetTag("datasets", _datasets.Count);
        EngineLog.RunStarts(_parts.Log, _datasets.Count, _request.PageSize ?? _parts.Options.PageSize);
        _memory.Sample();
        using var budget = _request.MaxDuration is { } limit ? new CancellationTokenSource(limit, _parts.Seams.Time) : new CancellationTokenSource();
        try
        {
            await RunDatasetsAsync(NewRun(budget.Token), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error);
            activity?.SetTag("error.type", NameOf(exception));
            throw;
        }
        finally
        {
            _memory.Sample();
            _parts.Metrics.RecordMemoryPeak(_memory.Peak);
        }

        var result = Summarise();
        activity?.SetTag("outcome", result.Outcome.ToString());
        EngineLog.RunEnded(
            _parts.Log, result.Outcome, result.Duration.TotalSeconds, result.PeakMemoryBytes, 100.0 * _memory.Peak / _parts.Options.MemoryLimit);
        return result;
    }

    private static string NameOf(Exception exception) => exception switch
    {
        SyncException failure => failure.Kind.ToString(),
        OperationCanceledException => "Cancelled",
        _ => exception.GetType().Name,
    };

    private async Task RunDatasetsAsync(RunContext run, CancellationToken cancellationToken)
    {
        foreach (var dataset in _datasets)
        {
            var tally = new RequestTally();
            var started = _parts.Seams.Time.GetTimestamp();
            string outcome = "Failed";
            string? error = null;
            try
            {
                var result = await RunDatasetAsync(run, dataset, tally, cancellationToken).ConfigureAwait(false);
                _results.Add(result);
                outcome = result.Outcome.ToString();
                _parts.Metrics.RecordGrade(dataset.Name, result.Grade);
                LogEnd(result);
                _outcome = result.Outcome;
                if (_outcome != SyncOutcome.Completed)
                {
                    return;
                }
            }
            catch (Exception exception)
            {
                outcome = exception is OperationCanceledException ? "Cancelled" : outcome;
                error = NameOf(exception);
                LogFailure(dataset, exception);
                throw;
            }
            finally
            {
                _parts.Metrics.RecordDataset(dataset.Name, outcome, error, _parts.Seams.Time.GetElapsedTime(started));
                _parts.Metrics.CountRequests(dataset.Name, tally.Requests, tally.Retries, tally.RateLimitWait);
            }

            if (run.TimeOver.IsCancellationRequested && dataset != _datasets[^1])
            {
                _outcome = SyncOutcome.TimeBudgetReached;
                return;
            }
        }
    }

    private async Task<DatasetResult> RunDatasetAsync(RunContext run, Dataset dataset, RequestTally tally, CancellationToken cancellationToken)
    {
        var opened = await DatasetRun.OpenAsync(_parts, run, dataset, tally, cancellationToken).ConfigureAwait(false);
        await using (opened.ConfigureAwait(false))
        {
            // Each dataset asks for the session anew: a first sync of the second one must not bring another user's rows.
            _subject ??= opened.Subject;
            return string.Equals(_subject, opened.Subject, StringComparison.Ordinal)
                ? await opened.PullAsync(cancellationToken).ConfigureAwait(false)
                : opened.Stopped(SyncOutcome.UserChanged);
        }
    }

    private RunContext NewRun(CancellationToken timeOver) => new()
    {
        Request = _request,
        Kit = new KitRun(_parts.Kit, _datasets),
        Memory = _memory,
        Progress = _progress,
        TimeOver = timeOver,
    };

    private SyncResult Summarise() => new()
    {
        Outcome = _outcome,
        Grade = _results.Select(static result => result.Grade).DefaultIfEmpty(CompletenessGrade.Overlap).Min(),
        Datasets = _results,
        Duration = _progress.Elapsed,
        PeakMemoryBytes = _memory.Peak,
    };

    private void LogEnd(DatasetResult result) => EngineLog.DatasetEnded(
        _parts.Log,
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

    private void LogFailure(Dataset dataset, Exception exception)
    {
        if (exception is OperationCanceledException)
        {
            EngineLog.Cancelled(_parts.Log, dataset.Name);
        }
        else if (exception is SyncException failure)
        {
            EngineLog.Failed(_parts.Log, dataset.Name, failure.Kind, failure.Code);
        }
    }
}
