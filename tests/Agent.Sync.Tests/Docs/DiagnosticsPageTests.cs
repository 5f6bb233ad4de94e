using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Agent.Sync.Diagnostics;
using Agent.Sync.Hosting;
using Agent.Sync.Sqlite;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Architecture;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Tests.Docs;

public sealed partial class DiagnosticsPageTests
{
    private static readonly MarkdownPage Page = MarkdownPage.Of("docs/diagnostics.md");

    private static readonly LoggerMessageAttribute[] Events =
    [
        .. new[] { typeof(SyncOutcome), typeof(HostedSync), typeof(SqliteStore), typeof(VirtualTimeProvider) }
            .SelectMany(type => type.Assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>(),
    ];

    [Fact]
    public void EventIds_OfAllLogMessages_AreUnique()
    {
        Assert.NotEmpty(Events);
        Assert.Empty(Events.GroupBy(log => log.EventId).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    [Fact]
    public void Events_InTheCodeAndOnThePage_AreTheSame()
    {
        var onPage = EventRow().Matches(Page.Text).Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}");

        Assert.Equal(
            Events.Select(log => string.Create(CultureInfo.InvariantCulture, $"{log.EventId} {log.Level}")).Order(StringComparer.Ordinal),
            onPage.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Instruments_InTheCodeAndOnThePage_AreTheSame()
    {
        HashSet<string> found = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == SyncDiagnostics.MeterName)
            {
                lock (found)
                {
                    found.Add($"{instrument.Name} {instrument.GetType().Name.Split('`')[0].ToLowerInvariant()} {instrument.Unit}");
                }
            }
        };
        listener.Start();
        using SyncMetrics metrics = new(factory: null);

        var onPage = InstrumentRow().Matches(Page.Text)
            .Select(match => $"{match.Groups["name"].Value} {match.Groups["kind"].Value} {match.Groups["unit"].Value}");
        lock (found)
        {
            Assert.Equal(found.Order(StringComparer.Ordinal), onPage.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void SyncDuration_Buckets_AreAdvisedInSecondsAsThePageSays()
    {
        Histogram<double>? duration = null;
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument is Histogram<double> { Name: "sync_duration", Meter.Name: SyncDiagnostics.MeterName } found)
            {
                Volatile.Write(ref duration, found);
            }
        };
        listener.Start();
        using SyncMetrics metrics = new(factory: null);

        var buckets = Volatile.Read(ref duration)!.Advice!.HistogramBucketBoundaries!;
        Assert.Equal(buckets.Order(), buckets);
        Assert.Contains(
            string.Join(", ", buckets.SkipLast(1).Select(static bucket => bucket.ToString("#,0.##", CultureInfo.InvariantCulture)))
                + string.Create(CultureInfo.InvariantCulture, $" and {buckets[^1]:#,0.##} s"),
            Page.Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Spans_InTheSourcesAndOnThePage_AreTheSame()
    {
        var inSources = SourceTree.CodeFiles("src")
            .SelectMany(file => Span().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value)
            .Distinct();
        var onPage = SpanRow().Matches(Page.Text).Select(match => match.Groups[1].Value);

        Assert.Equal(inSources.Order(StringComparer.Ordinal), onPage.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"^\| (\d{4}) \| (\w+) \|", RegexOptions.Multiline)]
    private static partial Regex EventRow();

    [GeneratedRegex(@"^\| `(?<name>sync_\w+)` \| (?<kind>\w+) \| `(?<unit>[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex InstrumentRow();

    [GeneratedRegex(@"StartActivity\(\s*""([^""]+)""")]
    private static partial Regex Span();

    [GeneratedRegex(@"^\| `(sync(?: [a-z]+)*)` \|", RegexOptions.Multiline)]
    private static partial Regex SpanRow();
}
