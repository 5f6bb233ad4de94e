namespace Agent.Sync.Testing;

/// <summary>A clock that only moves when it is told to, for tests that are exact and never wait.</summary>
/// <remarks>
/// Timers fire in due order, ties in the order in which they were set, inline on the thread that moves the clock, and
/// without a synchronization context, so that what awaits a delay goes on inline too: a single-threaded run repeats
/// exactly. Setting timers is safe for concurrent use; move the clock from one thread at a time.
/// </remarks>
public sealed class VirtualTimeProvider : TimeProvider
{
    private const int PoolRounds = 100;
    private const int PoolMilliseconds = 10;

    private readonly Lock _gate = new();
    private readonly PriorityQueue<VirtualTimer, (long Due, long Order)> _queue = new();
    private readonly DateTimeOffset _start;
    private long _elapsed;
    private long _wallOffset;
    private long _order;

    /// <summary>Initializes a new instance that starts on 1 January 2026, 00:00 UTC.</summary>
    public VirtualTimeProvider()
        : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>Initializes a new instance.</summary>
    /// <param name="start">What the wall clock shows at first.</param>
    public VirtualTimeProvider(DateTimeOffset start) => _start = start;

    /// <summary>Gets the time since this clock was made, untouched by <see cref="JumpWallClock"/>.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(Interlocked.Read(ref _elapsed));

    /// <summary>Gets the number of timers that are set.</summary>
    public int PendingTimers
    {
        get
        {
            lock (_gate)
            {
                return _queue.UnorderedItems.Count(static item => item.Element.IsDueAt(item.Priority));
            }
        }
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start.AddTicks(Interlocked.Read(ref _elapsed) + Interlocked.Read(ref _wallOffset));

    /// <inheritdoc/>
    public override long GetTimestamp() => Interlocked.Read(ref _elapsed);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the wall clock alone, as a user or a time server does: timestamps and timers do not notice.</summary>
    /// <param name="by">How far; negative for backwards.</param>
    public void JumpWallClock(TimeSpan by) => Interlocked.Add(ref _wallOffset, by.Ticks);

    /// <summary>Moves time on and fires every timer that falls due, each at its own time.</summary>
    /// <param name="by">How far; zero fires what is due now.</param>
    /// <exception cref="ArgumentOutOfRangeException">The span is negative.</exception>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        var target = Interlocked.Read(ref _elapsed) + by.Ticks;
        while (TakeNext(target) is { } timer)
        {
            Fire(timer);
        }

        MoveTo(target);
    }

    /// <summary>Jumps from timer to timer until none is set.</summary>
    /// <param name="limit">How far at most. Null, the default, means without a limit; a periodic timer then never ends.</param>
    public void RunUntilIdle(TimeSpan? limit = null)
    {
        var target = limit is { } span ? Interlocked.Read(ref _elapsed) + span.Ticks : long.MaxValue;
        while (TakeNext(target) is { } timer)
        {
            Fire(timer);
        }
    }

    /// <summary>Jumps from timer to timer until a task has ended, however it ended.</summary>
    /// <param name="task">
    /// The task; it must wait for nothing but this clock. Work that hops to the thread pool is waited for, up to a second of
    /// real time, once no timer is set; it costs the repeatability.
    /// </param>
    /// <param name="limit">How far at most. Null, the default, means one year.</param>
    /// <exception cref="InvalidOperationException">No timer is left, or the limit is reached, and the task has not ended.</exception>
    public void RunUntilCompleted(Task task, TimeSpan? limit = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        var target = Interlocked.Read(ref _elapsed) + (limit ?? TimeSpan.FromDays(365)).Ticks;
        while (!task.IsCompleted)
        {
            if (TakeNext(target) is not { } timer)
            {
                if (PendingTimers == 0 && WaitForPool(task))
                {
                    continue;
                }

                throw new InvalidOperationException(PendingTimers == 0
                    ? "The task has not ended and no timer is set: it waits for something else than this clock."
                    : "The task has not ended within the limit.");
            }

            Fire(timer);
        }
    }

    /// <summary>Starts work and moves time until it has ended.</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="work">The work; it must wait for nothing but this clock.</param>
    /// <param name="limit">How far at most. Null, the default, means one year.</param>
    /// <returns>The work's result. Its exception is thrown as it is.</returns>
    /// <exception cref="InvalidOperationException">No timer is left, or the limit is reached, and the work has not ended.</exception>
    public T Run<T>(Func<Task<T>> work, TimeSpan? limit = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        var task = WithoutContext(work);
        RunUntilCompleted(task, limit);
        return task.GetAwaiter().GetResult();
    }

    internal void Enqueue(VirtualTimer timer, TimeSpan dueTime)
    {
        lock (_gate)
        {
            var due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : _elapsed + Math.Max(0, dueTime.Ticks);
            var order = ++_order;
            timer.Arm(due, order);
            if (due != long.MaxValue)
            {
                _queue.Enqueue(timer, (due, order));
            }
        }
    }

    private static void Fire(VirtualTimer timer) => WithoutContext(() =>
    {
        timer.Fire();
        return true;
    });

    // A continuation goes on inline only where there is no context to go back to.
    private static T WithoutContext<T>(Func<T> work)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return work();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    /// <summary>Gives work that hopped to the thread pool, as a cancelled <c>Task.Delay</c> does, a moment of real time.</summary>
    private bool WaitForPool(Task task)
    {
        for (var round = 0; round < PoolRounds; round++)
        {
            if (Task.WaitAny([task], PoolMilliseconds) == 0 || PendingTimers > 0)
            {
                return true;
            }
        }

        return false;
    }

    private VirtualTimer? TakeNext(long target)
    {
        lock (_gate)
        {
            while (_queue.TryPeek(out var timer, out var place))
            {
                if (!timer.IsDueAt(place))
                {
                    _queue.Dequeue();
                    continue;
                }

                if (place.Due > target)
                {
                    return null;
                }

                _queue.Dequeue();
                _elapsed = Math.Max(_elapsed, place.Due);
                return timer;
            }

            return null;
        }
    }

    private void MoveTo(long target)
    {
        lock (_gate)
        {
            _elapsed = Math.Max(_elapsed, target);
        }
    }
}
