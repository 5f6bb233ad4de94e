namespace Agent.Sync.Pull;

/// <summary>The time bound of one group, running from its first page.</summary>
internal sealed class GroupDeadline(TimeProvider time, TimeSpan interval) : IDisposable
{
    private TaskCompletionSource? _reached;
    private ITimer? _timer;

    /// <summary>Gets the task that ends at the deadline; null before the first page.</summary>
    public Task? Reached => _reached?.Task;

    public void Start()
    {
        if (_reached is not null)
        {
            return;
        }

        _reached = new TaskCompletionSource();
        _timer = time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), _reached, interval, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer?.Dispose();
}
