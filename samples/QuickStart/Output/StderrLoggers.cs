using Microsoft.Extensions.Logging;

namespace QuickStart.Output;

/// <summary>Writes the engine's structured logs to stderr: text for people, JSON with --json.</summary>
internal sealed class StderrLoggers(TextWriter writer, bool json, TimeProvider time) : ILoggerFactory
{
    private readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) => new StderrLogger(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("The sample has one place for its logs.");

    public void Dispose()
    {
    }

    public void Write(LogEntry entry)
    {
        var now = time.GetUtcNow();
        var line = json ? entry.ToJson(now) : entry.ToText(now);
        lock (_gate)
        {
            writer.WriteLine(line);
        }
    }
}
