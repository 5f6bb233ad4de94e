namespace Agent.Sync.Testing;

internal sealed class VirtualTimer(VirtualTimeProvider time, TimerCallback callback, object? state) : ITimer
{
    private TimeSpan _period = Timeout.InfiniteTimeSpan;
    private (long Due, long Order) _place;
    private bool _isDisposed;

    public void Arm(long due, long order) => _place = (due, order);

    /// <summary>A timer that was changed or disposed leaves its old place in the queue behind.</summary>
    public bool IsDueAt((long Due, long Order) place) => !_isDisposed && _place == place;

    public void Fire()
    {
        _place = default;
        if (_period != Timeout.InfiniteTimeSpan && _period > TimeSpan.Zero)
        {
            time.Enqueue(this, _period);
        }

        callback(state);
    }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (_isDisposed)
        {
            return false;
        }

        _period = period;
        time.Enqueue(this, dueTime);
        return true;
    }

    public void Dispose() => _isDisposed = true;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
