using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Cli.Tests.Watching;

/// <summary>A clock that knows whether anybody waits for it: a test that moves it only then never outruns the thread pool.</summary>
internal sealed class WaitedTime : FakeTimeProvider
{
    private int _waiting;

    public bool IsWaitedFor => Volatile.Read(ref _waiting) > 0;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Timer timer = new(this, base.CreateTimer(callback, state, dueTime, period));
        Interlocked.Increment(ref _waiting);
        return timer;
    }

    private sealed class Timer(WaitedTime owner, ITimer timer) : ITimer
    {
        private int _isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            {
                Interlocked.Decrement(ref owner._waiting);
                timer.Dispose();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
