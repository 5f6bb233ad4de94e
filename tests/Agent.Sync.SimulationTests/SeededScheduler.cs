using Agent.Sync.Seams;
using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>Starts work at once or a little later, by the seed: every order of two pieces of work comes up in some run.</summary>
internal sealed class SeededScheduler(VirtualTimeProvider time, Random random) : WorkScheduler
{
    public override async Task<T> Start<T>(Func<Task<T>> work)
    {
        var delay = random.Next(4);
        if (delay > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(delay), time);
        }

        return await work();
    }
}
