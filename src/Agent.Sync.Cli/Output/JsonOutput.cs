using System.Text.Encodings.Web;
using System.Text.Json;
using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Output;

/// <summary>One JSON object per line, for programs.</summary>
internal sealed class JsonOutput(TextWriter writer) : IOutput, IProgress<SyncProgress>
{
    // The lines go to a program or a terminal, not into a web page: quotes and letters stay as they are.
    private static readonly EventJsonContext Json = new(new JsonSerializerOptions(EventJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private readonly Lock _gate = new();

    public void Write(ConsoleEvent consoleEvent)
    {
        var line = JsonSerializer.Serialize(consoleEvent, consoleEvent.GetType(), Json);
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
