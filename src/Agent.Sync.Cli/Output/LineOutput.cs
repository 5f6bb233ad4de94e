using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Output;

/// <summary>Plain lines, for files and pipes.</summary>
internal sealed class LineOutput(TextWriterPair text) : IOutput
{
    private readonly EventText _events = new(text);

    public void Write(ConsoleEvent consoleEvent) => _events.Write(consoleEvent);

    public Task<T> WaitAsync<T>(string what, Func<Task<T>> work) => work();

    public Task<T> TrackAsync<T>(Func<IProgress<SyncProgress>, Task<T>> work) => work(new LineProgress(_events.WriteLine));

    public void Abandon()
    {
    }
}
