using Microsoft.Extensions.Logging;

namespace Agent.Sync.Cli.Output;

/// <summary>Writes the engine's structured logs to stderr: text for people, JSON with --json.</summary>
internal sealed class StderrLoggers(TextWriter writer, bool json, TimeProvider time) : ILoggerFactory
{
    private readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("The console has one place for its logs.");

    public void Dispose()
    {
    }

    private void Write(LogEntry entry)
    {
        var now = time.GetUtcNow();
        var line = json ? entry.ToJson(now) : entry.ToText(now);
        lock (_gate)
        {
            writer.WriteLine(line);
        }
    }

    private sealed class Logger(StderrLoggers owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Debug and < LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                owner.Write(new LogEntry(
                    logLevel, category, eventId, formatter(state, exception), state as IReadOnlyList<KeyValuePair<string, object?>> ?? []));
            }
        }
    }
}
