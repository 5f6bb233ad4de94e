namespace Agent.Sync.Seams;

/// <summary>The one seam through which the engine starts work beside other work, so that a simulation can order it.</summary>
internal abstract class WorkScheduler
{
    /// <summary>Gets the scheduler of a real process: the thread pool.</summary>
    public static WorkScheduler ThreadPool { get; } = new ThreadPoolWorkScheduler();

    /// <summary>Starts work that runs beside the caller. The task is always awaited by who started it.</summary>
    public abstract Task<T> Start<T>(Func<Task<T>> work);
}
