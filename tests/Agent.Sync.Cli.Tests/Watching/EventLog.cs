using System.Collections.Concurrent;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Output;

namespace Agent.Sync.Cli.Tests.Watching;

/// <summary>Keeps what was told.</summary>
internal sealed class EventLog : IOutput
{
    public ConcurrentQueue<ConsoleEvent> Events { get; } = [];

    public void Write(ConsoleEvent consoleEvent) => Events.Enqueue(consoleEvent);

    public Task<T> WaitAsync<T>(string what, Func<Task<T>> work) => work();

    public Task<T> TrackAsync<T>(Func<IProgress<SyncProgress>, Task<T>> work) => work(new Progress<SyncProgress>());

    public void Abandon()
    {
    }
}
