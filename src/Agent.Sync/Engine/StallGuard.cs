using Agent.Sync.Progress;

namespace Agent.Sync.Engine;

/// <summary>Gives a run up that makes no step for too long, while it waits for what has no time limit of its own: the app's code, or the local store.</summary>
/// <remarks>
/// The run is cancelled, and its caller does not wait for longer than a moment for code that does not return. Whatever that code does later, the run's lease and fence decide whether it may still write.
/// </remarks>
internal sealed class StallGuard
{
    // A device that slept finds its timers late: several looks that see no step are a stall, one is not.
    private const int Looks = 4;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly RunWatch _watch;
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _seen;
    private int _unchanged;

    private StallGuard(RunWatch watch)
    {
        _watch = watch;
        _seen = watch.Steps;
    }

    /// <summary>Does a run's work.</summary>
    /// <param name="parts">The engine's parts.</param>
    /// <param name="watch">Where the run says what it waits for.</param>
    /// <param name="work">The run.</param>
    /// <param name="giveUp">Called when the run is given up, before it has ended.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <exception cref="SyncStalledException">The run made no step.</exception>
    public static async Task<T> RunAsync<T>(
        EngineParts parts, RunWatch watch, Func<CancellationToken, Task<T>> work, Action<SyncStalledException> giveUp, CancellationToken cancellationToken)
    {
        var timeout = parts.Options.StallTimeout;
        if (timeout == TimeSpan.Zero)
        {
            return await work(cancellationToken).ConfigureAwait(false);
        }

        // Not disposed: a run that was given up may still ask for its token.
#pragma warning disable CA2000
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
#pragma warning restore CA2000
        var guard = new StallGuard(watch);
        using var timer = parts.Seams.Time.CreateTimer(static state => ((StallGuard)state!).Look(), guard, timeout / Looks, timeout / Looks);
        var running = parts.Seams.Work.Start(() => work(stop.Token));
        if (await Task.WhenAny(running, guard._stalled.Task).ConfigureAwait(false) == running)
        {
            stop.Dispose();
            return await running.ConfigureAwait(false);
        }

        var failure = new SyncStalledException(watch.Status, timeout);
        EngineLog.RunStalled(parts.Log, failure.Status.WaitsFor, timeout.TotalSeconds);
        giveUp(failure);
        await EndAsync(running, stop, parts.Seams.Time).ConfigureAwait(false);
        throw failure;
    }

    /// <summary>Cancels the run, and waits a moment for its end.</summary>
    private static async Task EndAsync(Task running, CancellationTokenSource stop, TimeProvider time)
    {
        // What the cancellation wakes up must not run on this thread, which would have to wait for it.
        _ = stop.CancelAsync();
        try
        {
            await running.WaitAsync(Grace, time).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // However it ends: the stall is what the caller is told.
        catch (Exception)
#pragma warning restore CA1031
        {
            // Nobody awaits it any more.
            _ = running.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private void Look()
    {
        var steps = _watch.Steps;
        if (steps != _seen || _watch.HasOwnLimit)
        {
            (_seen, _unchanged) = (steps, 0);
        }
        else if (++_unchanged >= Looks)
        {
            _stalled.TrySetResult();
        }
    }
}
