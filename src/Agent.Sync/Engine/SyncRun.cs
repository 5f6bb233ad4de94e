using Agent.Sync.Diagnostics;
using Agent.Sync.Kit;
using Agent.Sync.Progress;
using Agent.Sync.Runs;
using Agent.Sync.Stores;

namespace Agent.Sync.Engine;

/// <summary>One call of SyncAsync: the local changes are pushed, then every dataset is pulled, until one of them ends the run.</summary>
internal sealed class SyncRun
{
    /// <summary>The ends of a dataset that do not end the run, but are its outcome.</summary>
    private static readonly SyncOutcome[] Weightiest = [SyncOutcome.UnrecordedEditsHeld, SyncOutcome.CompletedWithQuarantine];

    private readonly EngineParts _parts;
    private readonly RunContext _run;
    private readonly RunRecorder _recorder;
    private readonly KitRun _kit;
    private readonly DatasetRun[] _datasets;

    private SyncRun(EngineParts parts, RunContext run, IReadOnlyList<Dataset> datasets)
    {
        _parts = parts;
        _run = run;
        _recorder = new RunRecorder(run);
        _kit = new KitRun(parts.Kit, datasets);
        _datasets = [.. datasets.Select(dataset => new DatasetRun(parts, run, _recorder, _kit, dataset))];
    }

    public static async Task<SyncResult> RunAsync(
        EngineParts parts, SyncRequest request, IReadOnlyList<Dataset> datasets, IProgress<SyncProgress>? progress, RunWatch watch, CancellationToken cancellationToken)
    {
        using var budget = request.MaxDuration is { } limit ? new CancellationTokenSource(limit, parts.Seams.Time) : new CancellationTokenSource();
        var run = new RunContext
        {
            Options = parts.Options,
            Request = request,
            Seams = parts.Seams,
            Metrics = parts.Metrics,
            Memory = new MemoryWatch(parts.Seams.WorkingSet, parts.Options.MemoryLimit),
            Progress = new ProgressTracker(progress, parts.Seams.Time, parts.Log, watch),
            Watch = watch,
            Log = parts.Log,
            TimeOver = budget.Token,
        };
        var sync = new SyncRun(parts, run, datasets);
        return await (request.DryRun ? sync.LookAsync(cancellationToken) : sync.RunAsync(cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Tells what the run would do.</summary>
    private async Task<SyncResult> LookAsync(CancellationToken cancellationToken)
    {
        using var timed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _run.TimeOver);
        var outcome = SyncOutcome.Completed;
        List<DatasetResult> results = [];
        try
        {
            foreach (var dataset in _datasets)
            {
                var result = await new DatasetDryRun(_parts, _run, _kit, dataset.Dataset).RunAsync(timed.Token).ConfigureAwait(false);
                results.Add(result);
                if ((outcome = result.Outcome) != SyncOutcome.Completed)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (_run.TimeOver.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            outcome = SyncOutcome.TimeBudgetReached;
        }

        _run.Memory.Sample();
        return Summarise(outcome, results) with { IsDryRun = true };
    }

    private async Task<SyncResult> RunAsync(CancellationToken cancellationToken)
    {
        using var span = _recorder.StartRun(_datasets.Length);
        SyncOutcome outcome;
        IReadOnlyList<DatasetResult> results;
        try
        {
            outcome = await RunPhasesAsync(cancellationToken).ConfigureAwait(false);
            results = await CompleteAsync(outcome, cancellationToken).ConfigureAwait(false);
            if (outcome == SyncOutcome.Completed)
            {
                outcome = Weightiest.FirstOrDefault(weighty => results.Any(result => result.Outcome == weighty), outcome);
            }

            ThrowHeldBack(outcome);
        }
        catch (Exception exception)
        {
            RunRecorder.RecordFailure(span, exception);
            throw;
        }
        finally
        {
            _recorder.RecordMemory();
        }

        var result = Summarise(outcome, results);
        _recorder.RecordEnd(span, result);
        return result;
    }

    /// <summary>Pushes before it pulls, so that the server's answer to the app's own edits returns in the same run.</summary>
    private async Task<SyncOutcome> RunPhasesAsync(CancellationToken cancellationToken)
    {
        var store = _run.Request.Direction == SyncDirection.Pull ? null : _parts.Local as IChangeStore;
        var outcome = await PushAsync(store, cancellationToken).ConfigureAwait(false);
        if (outcome != SyncOutcome.Completed)
        {
            return outcome;
        }

        if (_run.Request.Direction == SyncDirection.Push)
        {
            ReportPushed();
            return outcome;
        }

        outcome = await PullAsync(cancellationToken).ConfigureAwait(false);

        // The edits that a resync has found are recorded now, and pushed in the same run.
        return outcome == SyncOutcome.Completed && _datasets.Any(static dataset => dataset.LookedForEdits)
            ? await PushAsync(store, cancellationToken).ConfigureAwait(false)
            : outcome;
    }

    private async Task<SyncOutcome> PushAsync(IChangeStore? store, CancellationToken cancellationToken)
    {
        if (store is null)
        {
            return SyncOutcome.Completed;
        }

        var outcome = await new PushPhase(_datasets, store, _run.Log).RunAsync(cancellationToken).ConfigureAwait(false);
        if (_datasets.Any(static dataset => dataset.Push.Counts.Pushed > 0))
        {
            _kit.Forget();
        }

        return outcome;
    }

    private async Task<SyncOutcome> PullAsync(CancellationToken cancellationToken)
    {
        foreach (var dataset in _datasets)
        {
            var outcome = await dataset.PullAsync(cancellationToken).ConfigureAwait(false);
            if (outcome != SyncOutcome.Completed)
            {
                return outcome;
            }

            if (_run.TimeOver.IsCancellationRequested && dataset != _datasets[^1])
            {
                return SyncOutcome.TimeBudgetReached;
            }
        }

        return SyncOutcome.Completed;
    }

    /// <summary>Without a pull after it, the push is what completes a dataset.</summary>
    private void ReportPushed()
    {
        foreach (var dataset in _datasets)
        {
            _run.Progress.Begin(dataset.Dataset.Name, dataset.Push.Counts.Settled);
            _run.Progress.Report(SyncPhase.Completed, pages: 0, dataset.Tally.Bytes, dataset.Tally.Retries, _run.Memory.Current);
        }
    }

    /// <summary>Returns how each dataset stands that the run has reached, with what its outbox holds now.</summary>
    private async Task<IReadOnlyList<DatasetResult>> CompleteAsync(SyncOutcome outcome, CancellationToken cancellationToken)
    {
        List<DatasetResult> results = [];
        var allReached = _run.Request.Direction == SyncDirection.Push && outcome == SyncOutcome.Completed;
        foreach (var dataset in _datasets.Where(dataset => allReached || dataset.WasReached))
        {
            var result = await dataset.CompleteAsync(cancellationToken).ConfigureAwait(false);
            results.Add(result);
            _recorder.RecordEnd(result);
        }

        return results;
    }

    /// <summary>
    /// Throws what one dataset failed with. A dataset that the SQL kit cannot vouch for, or whose changes were all refused, holds up neither the other
    /// datasets nor the pull, and an outcome that needs a decision comes first.
    /// </summary>
    private void ThrowHeldBack(SyncOutcome outcome)
    {
        if (outcome is not (SyncOutcome.Completed or SyncOutcome.CompletedWithQuarantine or SyncOutcome.TimeBudgetReached))
        {
            return;
        }

        if (_datasets.FirstOrDefault(static dataset => dataset.KitFailure is not null) is { KitFailure: { } failure })
        {
            throw failure;
        }

        if (_datasets.FirstOrDefault(static dataset => dataset.Push.Failure is not null) is { } refused)
        {
            _recorder.RecordFailure(refused.Dataset.Name, refused.Push.Failure!);
            throw refused.Push.Failure!;
        }
    }

    private SyncResult Summarise(SyncOutcome outcome, IReadOnlyList<DatasetResult> results) => new()
    {
        Outcome = outcome,
        Grade = results.Count > 0 && results.All(static result => result.Grade == CompletenessGrade.Exact) ? CompletenessGrade.Exact : CompletenessGrade.Overlap,
        Datasets = results,
        Duration = _run.Progress.Elapsed,
        PeakMemoryBytes = _run.Memory.Peak,
    };
}
