using Agent.Sync.Seams;
using Agent.Sync.Testing;
using Agent.Sync.Testing.Postgrest.Wire;

namespace Agent.Sync.SimulationTests;

/// <summary>Starts work at once or a little later, by the seed: every order of two pieces of work comes up in some run.</summary>
internal sealed class SeededScheduler(VirtualTimeProvider time, Random random) : WorkScheduler
{
    private readonly int _thread = Environment.CurrentManagedThreadId;

    public override async Task<T> Start<T>(Func<Task<T>> work)
    {
        SimulationThread.Require(_thread);
        var delay = random.Next(4);
        if (delay > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(delay), time);
        }

        return await work();
    }

    public override Task WaitAsync(TimeSpan delay, TimeProvider time, CancellationToken cancellationToken) => InlineDelay.WaitAsync(delay, time, cancellationToken);
}
