namespace Agent.Sync.Seams;

/// <summary>The one seam through which the engine starts work beside other work, so that a simulation can order it.</summary>
internal abstract class WorkScheduler
{
    /// <summary>Gets the scheduler of a real process: the thread pool.</summary>
    public static WorkScheduler ThreadPool { get; } = new ThreadPoolScheduler();

    /// <summary>Starts work that runs beside the caller. Whoever starts it always awaits the task.</summary>
    public abstract Task<T> Start<T>(Func<Task<T>> work);

    private sealed class ThreadPoolScheduler : WorkScheduler
    {
#pragma warning disable RS0030 // This is the one place that may start work on the pool.
        public override Task<T> Start<T>(Func<Task<T>> work) => Task.Run(work);
#pragma warning restore RS0030
    }
}
