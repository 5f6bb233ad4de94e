namespace Agent.Sync.Progress;

/// <summary>What one run waits for, and whether it makes steps. Safe for concurrent use.</summary>
internal sealed class RunWatch
{
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly List<Wait> _waits = [];
    private DateTimeOffset _lastStep;
    private long _steps;

    public RunWatch(TimeProvider time)
    {
        _time = time;
        _lastStep = time.GetUtcNow();
    }

    /// <summary>Gets the number of steps so far: answers, commits, and waits that ended.</summary>
    public long Steps
    {
        get
        {
            lock (_gate)
            {
                return _steps;
            }
        }
    }

    /// <summary>Gets a value indicating whether something is waited for that has a time limit of its own.</summary>
    public bool HasOwnLimit
    {
        get
        {
            lock (_gate)
            {
                return _waits.Exists(static wait => !IsOfTheApp(wait.Reason));
            }
        }
    }

    /// <summary>Gets what is waited for: the app's code first, then what was begun first, and the local store where there is nothing else.</summary>
    public RunStatus Status
    {
        get
        {
            lock (_gate)
            {
                return (_waits.Find(static wait => IsOfTheApp(wait.Reason)) ?? _waits.FirstOrDefault()) is { } found
                    ? new RunStatus(found.Reason, found.Dataset, found.Since)
                    : new RunStatus(SyncWait.Store, Dataset: null, _lastStep);
            }
        }
    }

    public void Step()
    {
        lock (_gate)
        {
            _steps++;
            _lastStep = _time.GetUtcNow();
        }
    }

    /// <summary>Begins a wait; its disposal ends it.</summary>
    public Wait Enter(SyncWait reason, string? dataset)
    {
        var wait = new Wait(this, reason, dataset);
        lock (_gate)
        {
            _waits.Add(wait);
        }

        return wait;
    }

    private static bool IsOfTheApp(SyncWait reason) => reason is SyncWait.Resolver or SyncWait.ProgressCallback;

    /// <summary>One wait, from its beginning to its disposal.</summary>
    internal sealed class Wait(RunWatch watch, SyncWait reason, string? dataset) : IDisposable
    {
        public SyncWait Reason { get; private set; } = reason;

        public string? Dataset => dataset;

        public DateTimeOffset Since { get; private set; } = watch._time.GetUtcNow();

        /// <summary>Goes on to wait for something else.</summary>
        public void Turn(SyncWait to)
        {
            lock (watch._gate)
            {
                (Reason, Since) = (to, watch._time.GetUtcNow());
            }
        }

        public void Dispose()
        {
            lock (watch._gate)
            {
                watch._waits.Remove(this);
            }

            watch.Step();
        }
    }
}
