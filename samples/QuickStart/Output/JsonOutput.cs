using System.Text.Json;
using Agent.Sync;
using QuickStart.Events;

namespace QuickStart.Output;

/// <summary>One JSON object per line, for programs.</summary>
internal sealed class JsonOutput(TextWriter writer) : IOutput, IProgress<SyncProgress>
{
    private readonly Lock _gate = new();

    public void Write(SampleEvent sampleEvent)
    {
        var line = JsonSerializer.Serialize(sampleEvent, sampleEvent.GetType(), EventJsonContext.Default);
        lock (_gate)
        {
            writer.WriteLine(line);
            writer.Flush();
        }
    }

    public Task<T> WaitAsync<T>(string what, Func<Task<T>> work) => work();

    public Task<T> TrackAsync<T>(Func<IProgress<SyncProgress>, Task<T>> work) => work(this);

    public void Report(SyncProgress value) => Write(ProgressEvent.From(value));

    public void Abandon()
    {
    }
}
