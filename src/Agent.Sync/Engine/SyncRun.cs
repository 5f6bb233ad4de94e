using System.Diagnostics;
using Agent.Sync.Diagnostics;
using Agent.Sync.Kit;
using Agent.Sync.Progress;
using Agent.Sync.Stores;

namespace Agent.Sync.Engine;

/// <summary>One call of SyncAsync: the local changes up, then every dataset down, until one stops the run.</summary>
internal sealed class SyncRun
{
    /// <summary>The ends of a dataset that do not end the run, but are its outcome.</summary>
    private static readonly SyncOutcome[] Weightiest = [SyncOutcome.UnrecordedEditsHeld, SyncOutcome.CompletedWithQuarantine];

    private readonly EngineParts _parts;
    private readonly SyncRequest _request;
    private readonly IReadOnlyList<Dataset> _datasets;
    private readonly DatasetTurn[] _turns;
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
        _turns = [.. datasets.Select(static dataset => new DatasetTurn(dataset))];
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
            await RunPhasesAsync(NewRun(budget.Token), cancellationToken).ConfigureAwait(false);
            await CompleteAsync(cancellationToken).ConfigureAwait(false);
            ThrowHeldBack();
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
        LogEnd(result);
        return result;
    }

    private static string NameOf(Exception exception) => exception switch
    {
        SyncException failure => failure.Kind.ToString(),
        OperationCanceledException => "Cancelled",
        _ => exception.GetType().Name,
    };

    /// <summary>A dataset that the SQL kit cannot vouch for, or whose changes were all refused, does not hold up the others, nor the pull. What needs a decision comes first.</summary>
    private void ThrowHeldBack()
    {
        if (_outcome is not (SyncOutcome.Completed or SyncOutcome.CompletedWithQuarantine or SyncOutcome.TimeBudgetReached))
        {
            return;
        }

        if (_turns.FirstOrDefault(static turn => turn.KitFailure is not null) is { KitFailure: { } failure })
        {
            throw failure;
        }

        if (_turns.FirstOrDefault(static turn => turn.Push.Failure is not null) is { } refused)
        {
            LogFailure(refused.Dataset, refused.Push.Failure!);
            throw refused.Push.Failure!;
        }
    }

    /// <summary>Up before down, so that the server's answer to the app's own edits returns in the same run.</summary>
    private async Task RunPhasesAsync(RunContext run, CancellationToken cancellationToken)
    {
        var store = _request.Direction == SyncDirection.Pull ? null : _parts.Local as IChangeStore;
        if (store is not null && !await PushAsync(run, store, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        if (_request.Direction == SyncDirection.Push)
        {
            ReportPushed();
            return;
        }

        if (await PullAsync(run, cancellationToken).ConfigureAwait(false)
            && store is not null
            && _turns.Any(static turn => turn.LookedForEdits))
        {
            await PushAsync(run, store, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>Whether the run goes on.</returns>
    private async Task<bool> PushAsync(RunContext run, IChangeStore store, CancellationToken cancellationToken)
    {
        var push = new RunPush(
            _turns,
            store,
            (turn, piece) => ObserveAsync(run, turn, SyncMetrics.Push, one => one.PushAsync(store, piece, cancellationToken), cancellationToken),
            _parts.Log);
        var goesOn = await push.RunAsync(cancellationToken).ConfigureAwait(false);
        if (_turns.Any(static turn => turn.Push.Counts.Pushed > 0))
        {
            run.Kit.Forget();
        }

        return goesOn;
    }

    /// <summary>Without a pull after it the push is what completes a dataset.</summary>
    private void ReportPushed()
    {
        foreach (var turn in _turns)
        {
            _progress.Begin(turn.Dataset.Name, turn.Push.Counts.Settled);
            _progress.Report(SyncPhase.Completed, pages: 0, turn.Tally.Bytes, turn.Tally.Retries, _memory.Current);
        }
    }

    private async Task<bool> PullAsync(RunContext run, CancellationToken cancellationToken)
    {
        foreach (var turn in _turns)
        {
            if (!await ObserveAsync(run, turn, SyncMetrics.Pull, one => one.PullAsync(cancellationToken), cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            if (run.TimeOver.IsCancellationRequested && turn != _turns[^1])
            {
                _outcome = SyncOutcome.TimeBudgetReached;
                return false;
            }
        }

        return true;
    }

    /// <summary>Opens one dataset for one phase, and tells metrics and log how that went.</summary>
    /// <returns>Whether the run goes on.</returns>
    private async Task<bool> ObserveAsync(
        RunContext run, DatasetTurn turn, string direction, Func<DatasetRun, Task<DatasetResult>> phase, CancellationToken cancellationToken)
    {
        if (turn.KitFailure is not null)
        {
            return true;
        }

        var (requests, retries, waited) = (turn.Tally.Requests, turn.Tally.Retries, turn.Tally.RateLimitWait);
        var started = _parts.Seams.Time.GetTimestamp();
        string outcome = "Failed";
        string? error = null;
        try
        {
            var result = await DisposedPart.GuardAsync(() => OpenAsync(run, turn, phase, cancellationToken)).ConfigureAwait(false);
            turn.Note(result, isPull: direction == SyncMetrics.Pull);
            outcome = result.Outcome.ToString();

            // What was found and held is that dataset's matter alone.
            _outcome = result.Outcome == SyncOutcome.UnrecordedEditsHeld ? SyncOutcome.Completed : result.Outcome;
            return _outcome == SyncOutcome.Completed;
        }
        catch (Exception exception)
        {
            outcome = exception is OperationCanceledException ? "Cancelled" : outcome;
            error = NameOf(exception);
            LogFailure(turn.Dataset, exception);
            if (exception is not SyncSchemaException { Kind: SyncErrorKind.SqlKit } failure
                || !string.Equals(failure.Dataset, turn.Dataset.Name, StringComparison.Ordinal))
            {
                throw;
            }

            turn.KitFailure = failure;
            return true;
        }
        finally
        {
            var elapsed = _parts.Seams.Time.GetElapsedTime(started);
            turn.Elapsed += elapsed;
            _parts.Metrics.RecordDataset(turn.Dataset.Name, outcome, error, elapsed, direction);
            _parts.Metrics.CountRequests(
                turn.Dataset.Name, turn.Tally.Requests - requests, turn.Tally.Retries - retries, turn.Tally.RateLimitWait - waited, direction);
        }
    }

    private async Task<DatasetResult> OpenAsync(
        RunContext run, DatasetTurn turn, Func<DatasetRun, Task<DatasetResult>> phase, CancellationToken cancellationToken)
    {
        var opened = await DatasetRun.OpenAsync(_parts, run, turn, cancellationToken).ConfigureAwait(false);
        await using (opened.ConfigureAwait(false))
        {
            // Each phase asks for the session anew: a first sync of the second dataset must not bring another user's rows.
            _subject ??= opened.Subject;
            return string.Equals(_subject, opened.Subject, StringComparison.Ordinal)
                ? await phase(opened).ConfigureAwait(false)
                : opened.Ended(SyncOutcome.UserChanged);
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

    /// <summary>Adds to the results what the outbox holds now, and tells how each dataset stands.</summary>
    private async Task CompleteAsync(CancellationToken cancellationToken)
    {
        var reached = _request.Direction == SyncDirection.Push && _outcome == SyncOutcome.Completed ? _turns : _turns.Where(static turn => turn.Result is not null);
        foreach (var turn in reached)
        {
            if (turn.Result is null)
            {
                turn.Note(DatasetRun.NothingToDo(turn.Dataset), isPull: false);
            }

            var counts = _parts.Local is IChangeStore store
                ? await store.CountChangesAsync(turn.Dataset, cancellationToken).ConfigureAwait(false)
                : default;
            var parked = await _parts.Local.CountParkedAsync(turn.Dataset, cancellationToken).ConfigureAwait(false);
            var result = turn.Complete(counts.Waiting, counts.Quarantined, parked);
            _results.Add(result);
            _parts.Metrics.RecordGrade(result.Dataset, result.Grade);
            LogEnd(result);
            if (parked > 0)
            {
                EngineLog.RowsParked(_parts.Log, result.Dataset, parked);
            }
        }

        if (_outcome == SyncOutcome.Completed)
        {
            _outcome = Weightiest.Where(outcome => _results.Exists(result => result.Outcome == outcome)).DefaultIfEmpty(_outcome).First();
        }
    }

    private SyncResult Summarise() => new()
    {
        Outcome = _outcome,
        Grade = _results.Select(static result => result.Grade).DefaultIfEmpty(CompletenessGrade.Overlap).Min(),
        Datasets = _results,
        Duration = _progress.Elapsed,
        PeakMemoryBytes = _memory.Peak,
    };

    // An app that syncs every minute would fill its log with runs in which nothing moved.
    private void LogEnd(SyncResult result)
    {
        var percent = 100.0 * _memory.Peak / _parts.Options.MemoryLimit;
        if (result.Outcome == SyncOutcome.Completed && result.Datasets.All(WasIdle))
        {
            EngineLog.RunWasIdle(_parts.Log, result.Duration.TotalSeconds, result.PeakMemoryBytes, percent);
        }
        else
        {
            EngineLog.RunEnded(_parts.Log, result.Outcome, result.Duration.TotalSeconds, result.PeakMemoryBytes, percent);
        }
    }

    private void LogEnd(DatasetResult result)
    {
        if (WasIdle(result))
        {
            EngineLog.DatasetWasIdle(
                _parts.Log, result.Dataset, result.Grade, result.Unchanged, result.Pages, result.Requests, result.Retries, result.Duration.TotalSeconds);
            return;
        }

        EngineLog.DatasetEnded(
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
    }

    private static bool WasIdle(DatasetResult result) => result is
    {
        Outcome: SyncOutcome.Completed, Applied: 0, Deleted: 0, Pushed: 0, Conflicts: 0, Rejected: 0, Pending: 0
    };

    private void LogFailure(Dataset dataset, Exception exception)
    {
        if (exception is OperationCanceledException)
        {
            EngineLog.Cancelled(_parts.Log, dataset.Name);
        }
        else if (exception is SyncException failure)
        {
            EngineLog.Failed(_parts.Log, dataset.Name, failure.Kind, failure.Code ?? SyncException.NoCode);
        }
    }
}
