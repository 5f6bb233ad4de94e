namespace Agent.Sync.Seams;

/// <summary>The one seam through which the engine starts work beside other work, so that a simulation can order it.</summary>
internal abstract class WorkScheduler
{
    /// <summary>Gets the scheduler of a real process: the thread pool.</summary>
    public static WorkScheduler ThreadPool { get; } = new ThreadPoolScheduler();

    /// <summary>Starts work that runs beside the caller. Whoever starts it always awaits the task.</summary>
    public abstract Task<T> Start<T>(Func<Task<T>> work);

    /// <summary>Waits. A simulation goes on inline after a wait that is cancelled too, which <c>Task.Delay</c> sends to the thread pool.</summary>
    public virtual Task WaitAsync(TimeSpan delay, TimeProvider time, CancellationToken cancellationToken) => Task.Delay(delay, time, cancellationToken);

    private sealed class ThreadPoolScheduler : WorkScheduler
    {
#pragma warning disable RS0030 // This is the one place that may start work on the pool.
        public override Task<T> Start<T>(Func<Task<T>> work) => Task.Run(work);
#pragma warning restore RS0030
    }
}
