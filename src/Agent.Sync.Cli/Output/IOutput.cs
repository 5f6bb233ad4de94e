using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Output;

/// <summary>How a command speaks. Safe to call from any thread.</summary>
internal interface IOutput
{
    void Write(ConsoleEvent consoleEvent);

    /// <summary>Says what is being waited for, where there is somebody to see it.</summary>
    Task<T> WaitAsync<T>(string what, Func<Task<T>> work);

    /// <summary>Shows the progress of some work.</summary>
    Task<T> TrackAsync<T>(Func<IProgress<SyncProgress>, Task<T>> work);

    /// <summary>Leaves the terminal as it was, just before the process ends in the middle of its work.</summary>
    void Abandon();
}
