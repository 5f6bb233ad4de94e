using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Tests.Attack;

/// <summary>Hears everything that a run says to people: logs at every level with the values behind them, metrics, spans. Keeps what is private.</summary>
/// <remarks>One serves many runs: a listener looks at the instruments of every engine that the process ever had.</remarks>
public sealed class SaidBook : ILoggerFactory, ILogger
{
    // A canary, the start of any JWT, and the keys that the double gives out.
    private static readonly string[] Secrets = [Exchange.Canary, "eyJ", "sb_publishable", "sb_secret"];

    private readonly ConcurrentQueue<string> _private = [];
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _activities;
    private int _count;

    public SaidBook()
    {
        _meters.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name is SyncDiagnostics.MeterName or "System.Net.Http")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Add($"{instrument.Name} {Text(tags.ToArray())}"));
        _meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add($"{instrument.Name} {Text(tags.ToArray())}"));
        _meters.Start();
        _activities = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == SyncDiagnostics.ActivitySourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => Add($"{span.DisplayName} {span.StatusDescription} {Text(span.TagObjects)} {string.Join(';', span.Events.Select(static happened => $"{happened.Name} {Text(happened.Tags)}"))}"),
        };
        ActivitySource.AddActivityListener(_activities);
    }

    public int Count => Volatile.Read(ref _count);

    /// <summary>Gets what should not have been said.</summary>
    public IReadOnlyList<string> Private => [.. _private];

    /// <summary>Begins anew.</summary>
    public void Forget()
    {
        Interlocked.Exchange(ref _count, 0);
        _private.Clear();
    }

    public void Add(string text)
    {
        Interlocked.Increment(ref _count);
        if (Secrets.Any(secret => text.Contains(secret, StringComparison.OrdinalIgnoreCase)))
        {
            _private.Enqueue(text);
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Add($"{formatter(state, exception)} {(state is IEnumerable<KeyValuePair<string, object?>> values ? Text(values) : string.Empty)} {exception}");

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        Add($"{state}");
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
        _meters.Dispose();
        _activities.Dispose();
    }

    private static string Text(IEnumerable<KeyValuePair<string, object?>> values) => string.Join(", ", values.Select(static pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}={pair.Value}")));
}
