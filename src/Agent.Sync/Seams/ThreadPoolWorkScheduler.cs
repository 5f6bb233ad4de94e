namespace Agent.Sync.Seams;

internal sealed class ThreadPoolWorkScheduler : WorkScheduler
{
#pragma warning disable RS0030 // This is the one place that may start work on the pool.
    public override Task<T> Start<T>(Func<Task<T>> work) => Task.Run(work);
#pragma warning restore RS0030
}
