using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.Attack;

/// <summary>A clock that stands still until it is moved, except for short waits, which end at once: those between two attempts.</summary>
internal sealed class SkippingTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero && dueTime <= Longest)
        {
            Advance(dueTime);
        }

        return timer;
    }
}
