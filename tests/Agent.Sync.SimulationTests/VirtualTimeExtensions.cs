using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

internal static class VirtualTimeExtensions
{
    /// <summary>Does something once, when the clock reaches it.</summary>
    public static void After(this VirtualTimeProvider time, TimeSpan delay, Action action)
    {
        ITimer? timer = null;
        timer = time.CreateTimer(
            _ =>
            {
                timer!.Dispose();
                action();
            },
            null,
            delay,
            Timeout.InfiniteTimeSpan);
    }
}
