using Microsoft.Extensions.Logging;

namespace Agent.Sync.Hosting;

/// <summary>Runs an engine until it is cancelled: one run, then the wait that its ending asks for.</summary>
internal sealed class HostedSyncLoop(
    HostedSync hosted,
    ISyncEngine engine,
    HostedSyncOptions options,
    Func<string?>? signedInUser,
    TimeProvider time,
    ILogger log,
    Func<double> random)
{
    private readonly string _name = hosted.Name ?? "(default)";
    private readonly RunSchedule _schedule = new(options, random);
    private readonly StoreWatch _store = new(engine, options.Request);

    // The user of the last run, or of the look that found nobody.
    private string? _user;

    // What was logged last: Running and Waiting are one state to a reader of the log.
    private HostedSyncPhase _logged = HostedSyncPhase.Waiting;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        HostedSyncLog.Started(log, _name, options.Interval);
        hosted.Change(state => state with { StartedAt = time.GetUtcNow() });
        try
        {
            if (IsSignedOut)
            {
                await WaitForUserAsync(cancellationToken).ConfigureAwait(false);
            }
            else if (!options.RunsAtStart)
            {
                await WaitAsync(HostedSyncPhase.Waiting, _schedule.Next(), cancellationToken).ConfigureAwait(false);
            }

            while (true)
            {
                var (phase, wait) = await RunOnceAsync(cancellationToken).ConfigureAwait(false);
                await WaitAsync(phase, wait, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            HostedSyncLog.Stopped(log, _name);
        }
        finally
        {
            hosted.Stop();
        }
    }

    private bool IsSignedOut => signedInUser is not null && signedInUser() is null;

    private Task WaitForUserAsync(CancellationToken cancellationToken)
    {
        Enter(HostedSyncPhase.SignedOut, () => HostedSyncLog.SignedOut(log, _name));
        return WaitAsync(HostedSyncPhase.SignedOut, wait: null, cancellationToken);
    }

    private async Task<(HostedSyncPhase Phase, TimeSpan? Wait)> RunOnceAsync(CancellationToken cancellationToken)
    {
        _user = signedInUser?.Invoke();
        await _store.BeginAsync(cancellationToken).ConfigureAwait(false);
        var asked = hosted.Begin();
        try
        {
            var result = await engine.SyncAsync(options.Request, progress: null, cancellationToken).ConfigureAwait(false);
            await _store.EndAsync(cancellationToken).ConfigureAwait(false);
            var next = AfterResult(result);
            asked?.TrySetResult(result);
            return next;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            asked?.TrySetCanceled(cancellationToken);
            throw;
        }
        catch (SyncException exception)
        {
            var next = AfterFailure(exception);
            Fail(asked, exception);
            return next;
        }
#pragma warning disable CA1031 // The app's own code, such as a resolver, may throw anything. One run ends, not the host.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var next = AfterAppFailure(exception);
            Fail(asked, exception);
            return next;
        }
    }

    private (HostedSyncPhase, TimeSpan?) AfterResult(SyncResult result)
    {
        var failures = hosted.State.Failures;
        hosted.Change(state => state with { LastResult = result, LastResultAt = time.GetUtcNow(), LastFailure = null, LastAppFailure = null, Failures = 0 });
        if (result.Outcome is SyncOutcome.QuarantineFull or SyncOutcome.ResyncRequired or SyncOutcome.UserChanged or SyncOutcome.MassDeleteRefused)
        {
            Enter(HostedSyncPhase.NeedsDecision, () => HostedSyncLog.NeedsDecision(log, _name, result.Outcome, Advice(result)));
            return (HostedSyncPhase.NeedsDecision, null);
        }

        Enter(HostedSyncPhase.Waiting, () => Good(failures));
        var hasMore = result.Outcome == SyncOutcome.TimeBudgetReached || result.Datasets.Any(static dataset => dataset.HasMore);
        return (HostedSyncPhase.Waiting, hasMore ? options.WakeDelay : _schedule.Next());
    }

    private (HostedSyncPhase, TimeSpan?) AfterFailure(SyncException exception)
    {
        hosted.Change(state => state with { LastFailure = exception, LastAppFailure = null, Failures = state.Failures + 1 });
        if (exception.IsTransient)
        {
            Enter(HostedSyncPhase.BackingOff, () => HostedSyncLog.BacksOff(log, _name, exception.Kind, exception.Code ?? "none"));
            return (HostedSyncPhase.BackingOff, _schedule.AfterTransient(hosted.State.Failures));
        }

        if (exception.Kind == SyncErrorKind.AuthRequired)
        {
            Enter(HostedSyncPhase.SignedOut, () => HostedSyncLog.SignedOut(log, _name));
            return (HostedSyncPhase.SignedOut, IsSignedOut ? null : _schedule.Next());
        }

        Enter(HostedSyncPhase.Failed, () => HostedSyncLog.Failed(log, _name, exception.Kind.ToString(), exception.Code ?? "none", _schedule.AfterFailure, exception.Message));
        return (HostedSyncPhase.Failed, _schedule.AfterFailure);
    }

    private (HostedSyncPhase, TimeSpan?) AfterAppFailure(Exception exception)
    {
        // Its message may hold anything: only the type is kept.
        var type = exception.GetType().Name;
        hosted.Change(state => state with { LastFailure = null, LastAppFailure = type, Failures = state.Failures + 1 });
        Enter(HostedSyncPhase.Failed, () => HostedSyncLog.Failed(log, _name, type, "none", _schedule.AfterFailure, "The app's own code threw it; its message is not repeated here, because it may hold a row's value."));
        return (HostedSyncPhase.Failed, _schedule.AfterFailure);
    }

    private void Good(int failures)
    {
        switch (_logged)
        {
            case HostedSyncPhase.SignedOut:
                HostedSyncLog.SignedIn(log, _name);
                break;
            case HostedSyncPhase.NeedsDecision:
                HostedSyncLog.Decided(log, _name);
                break;
            default:
                HostedSyncLog.Recovered(log, _name, failures);
                break;
        }
    }

    /// <summary>Logs a change of state, once.</summary>
    private void Enter(HostedSyncPhase phase, Action write)
    {
        if (_logged == phase)
        {
            return;
        }

        write();
        _logged = phase;
    }

    /// <summary>Waits until the next run is due, or something wakes it.</summary>
    /// <param name="phase">Says what wakes it: edits while all is well, a decision where one is needed, another user and a trigger always.</param>
    /// <param name="wait">Null to wait for one of these only.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private async Task WaitAsync(HostedSyncPhase phase, TimeSpan? wait, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        hosted.Change(state => state with { Phase = phase, NextRunAt = wait is { } due ? time.GetUtcNow() + due : null });
        while (!await IsWokenAsync(phase, cancellationToken).ConfigureAwait(false))
        {
            if (IsSignedOut && phase != HostedSyncPhase.SignedOut)
            {
                _user = null;
                await WaitForUserAsync(cancellationToken).ConfigureAwait(false);
                return;
            }

            var left = wait - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            await PauseAsync(left < options.PollInterval ? left.Value : options.PollInterval, cancellationToken).ConfigureAwait(false);
        }

        if (options.WakeDelay > TimeSpan.Zero)
        {
            await Task.Delay(options.WakeDelay, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> IsWokenAsync(HostedSyncPhase phase, CancellationToken cancellationToken)
    {
        if (hosted.Asked.IsCompleted || (signedInUser?.Invoke() is { } user && !string.Equals(user, _user, StringComparison.Ordinal)))
        {
            return true;
        }

        return phase switch
        {
            HostedSyncPhase.Waiting when options.WakesForEdits && !IsSignedOut => await _store.SeesEditsAsync(cancellationToken).ConfigureAwait(false),
            HostedSyncPhase.NeedsDecision => await _store.SeesDecisionAsync(cancellationToken).ConfigureAwait(false),
            _ => false,
        };
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        // A delay is cut to whole milliseconds: the rest of one would be waited for in a tight loop.
        pause = TimeSpan.FromMilliseconds(Math.Ceiling(pause.TotalMilliseconds));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var over = Task.Delay(pause, time, either.Token);
        await Task.WhenAny(hosted.Asked, over).ConfigureAwait(false);
        if (!over.IsCompleted)
        {
            await either.CancelAsync().ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private static void Fail(TaskCompletionSource<SyncResult>? asked, Exception exception)
    {
        if (asked is not null && asked.TrySetException(exception))
        {
            // Whoever left the task alone learns it from the state.
            _ = asked.Task.Exception;
        }
    }

    private static string Advice(SyncResult result)
    {
        try
        {
            result.EnsureCompleted();
            return string.Empty;
        }
        catch (SyncIncompleteException exception)
        {
            return exception.Message;
        }
    }
}
