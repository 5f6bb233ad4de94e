namespace Agent.Sync.Hosting;

/// <summary>A sync that the host runs in the background. The container provides it after <c>AddHostedSync</c>, under the engine's name as key if it has one. Safe for concurrent use.</summary>
public sealed class HostedSync
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<SyncResult>? _asked;
    private TaskCompletionSource _signal = NewSignal();
    private HostedSyncState _state = new();

    internal HostedSync(string? name) => Name = name;

    /// <summary>Gets the name of the engine that is run; null for the one without a name.</summary>
    public string? Name { get; }

    /// <summary>Gets the state of this moment.</summary>
    public HostedSyncState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    /// <summary>Gets a task that ends when a run is asked for.</summary>
    internal Task Asked
    {
        get
        {
            lock (_gate)
            {
                return _signal.Task;
            }
        }
    }

    /// <summary>Starts a run soon, whatever the phase is. Calls within <see cref="HostedSyncOptions.WakeDelay"/> share one run; a call during a run asks for the next one.</summary>
    /// <remarks>The task may be left alone: <c>_ = hosted.TriggerAsync();</c> asks for the run, and <see cref="State"/> and the log say how it ends.</remarks>
    /// <param name="cancellationToken">Ends the wait for the run, not the run.</param>
    /// <returns>The result of the run.</returns>
    /// <exception cref="SyncException">The run failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the host stops.</exception>
    /// <exception cref="InvalidOperationException">The host has stopped this sync.</exception>
    public Task<SyncResult> TriggerAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_state.Phase == HostedSyncPhase.Stopped)
            {
                throw new InvalidOperationException("The host has stopped this sync: call ISyncEngine.SyncAsync for a run without the host.");
            }

            _asked ??= new TaskCompletionSource<SyncResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            _signal.TrySetResult();
            return _asked.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Returns the name and the phase.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => $"{Name ?? nameof(HostedSync)}: {State.Phase}";

    internal void Change(Func<HostedSyncState, HostedSyncState> change)
    {
        lock (_gate)
        {
            _state = change(_state);
        }
    }

    /// <summary>Starts a run: who asks from now on asks for the next one.</summary>
    /// <returns>Those who asked for this one; null when nobody did.</returns>
    internal TaskCompletionSource<SyncResult>? Begin()
    {
        lock (_gate)
        {
            var asked = _asked;
            (_asked, _signal) = (null, NewSignal());
            _state = _state with { Phase = HostedSyncPhase.Running, NextRunAt = null };
            return asked;
        }
    }

    internal void Stop()
    {
        lock (_gate)
        {
            _state = _state with { Phase = HostedSyncPhase.Stopped, NextRunAt = null };
            _asked?.TrySetCanceled();
            _asked = null;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
