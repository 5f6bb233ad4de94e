using System.Text.Json;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Output;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Cli.Tests.Output;

public sealed class OutputTests
{
    [Fact]
    public void Report_ManyCommits_WritesAFewLinesAndTheLast()
    {
        List<string> lines = [];
        LineProgress progress = new(lines.Add);

        for (var commit = 1; commit <= 40; commit++)
        {
            progress.Report(Snapshot("artifacts", commit * 250, 10_000, TimeSpan.FromSeconds(commit * 0.25)));
        }

        progress.Report(Snapshot("artifacts", 10_000, 10_000, TimeSpan.FromSeconds(10.1), SyncPhase.Completed));

        Assert.InRange(lines.Count, 5, 11);
        Assert.Equal("artifacts: 10,000 rows, 1,000 rows/s, complete", lines[^1]);
        Assert.Equal("artifacts: 1,250 of 10,000 rows (12%), 1,000 rows/s, 8.8 s left", lines[0]);
    }

    [Fact]
    public void Report_PushThenPull_CountsTheirTimesApart()
    {
        List<string> lines = [];
        LineProgress progress = new(lines.Add);

        progress.Report(Snapshot("artifacts", 10, 500, TimeSpan.Zero, SyncPhase.Push));
        progress.Report(Snapshot("artifacts", 500, 500, TimeSpan.FromSeconds(2), SyncPhase.Push));
        progress.Report(Snapshot("artifacts", 10, 100, TimeSpan.FromSeconds(4), SyncPhase.Delta));
        progress.Report(Snapshot("artifacts", 100, 100, TimeSpan.FromSeconds(4.5), SyncPhase.Completed));

        Assert.Equal(["artifacts: 500 of 500 changes sent (100%), 1,000 rows/s, 0.0 s left", "artifacts: 100 rows, 1,000 rows/s, complete"], lines);
    }

    [Fact]
    public void Report_SlowRun_StillWritesEveryTenSeconds()
    {
        List<string> lines = [];
        LineProgress progress = new(lines.Add);

        for (var second = 0; second <= 60; second++)
        {
            progress.Report(Snapshot("artifacts", second, 1_000_000, TimeSpan.FromSeconds(second)));
        }

        Assert.Equal(6, lines.Count);
    }

    [Fact]
    public void Write_AnyEvent_IsOneLineThatStartsWithItsName()
    {
        StringWriter writer = new();
        JsonOutput output = new(writer);

        output.Write(new NoteEvent("two\nlines with 'quotes'"));
        output.Report(Snapshot("artifacts", 5, null, TimeSpan.FromSeconds(1)));
        output.Write(new FailedEvent("Usage", null, ["x"], 2));

        var lines = writer.ToString().TrimEnd().Split(Environment.NewLine);
        Assert.Equal("""{"event":"note","message":"two\nlines with 'quotes'"}""", lines[0]);
        Assert.StartsWith("""{"event":"progress","dataset":"artifacts","phase":"Backfill","completed":5,"rowsPerSecond":""", lines[1], StringComparison.Ordinal);
        Assert.Equal("""{"event":"failed","kind":"Usage","messages":["x"],"exitCode":2}""", lines[2]);
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(999, "999 bytes")]
    [InlineData(1_000, "1.0 KB")]
    [InlineData(12_900_000, "12.9 MB")]
    [InlineData(123_400_000, "123 MB")]
    public void Bytes_OfAnySize_AreShort(double value, string expected) => Assert.Equal(expected, Words.Bytes(value));

    [Theory]
    [InlineData(0.04, "0.0 s")]
    [InlineData(9.96, "10 s")]
    [InlineData(42.4, "42 s")]
    [InlineData(59.7, "1:00 min")]
    [InlineData(61, "1:01 min")]
    [InlineData(3_599.7, "1:00 h")]
    [InlineData(3_661, "1:01 h")]
    public void Seconds_OfAnyLength_AreShort(double value, string expected) => Assert.Equal(expected, Words.Seconds(value));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Log_EventWithValues_IsOneLine(bool json)
    {
        StringWriter writer = new();
        using StderrLoggers loggers = new(writer, json, new FakeTimeProvider(DateTimeOffset.UnixEpoch));

        loggers.CreateLogger("Agent.Sync").Log(LogLevel.Debug, new EventId(7, "Committed"), "{Rows} of its rows at {MemoryPercent}%, as '{Word}'", 5, 12.5, "it's");
        loggers.CreateLogger("Agent.Sync").LogTrace("not shown");

        var line = Assert.Single(writer.ToString().TrimEnd().Split(Environment.NewLine));
        if (json)
        {
            using var parsed = JsonDocument.Parse(line);
            Assert.Equal(12.5, parsed.RootElement.GetProperty("MemoryPercent").GetDouble());
            Assert.EndsWith("""
                "Rows":5,"MemoryPercent":12.5,"Word":"it's"}
                """, line, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal("00:00:00.000 debug       7 Committed: 5 of its rows at 12.5%, as 'it's'", line);
        }
    }

    private static SyncProgress Snapshot(string dataset, long completed, long? total, TimeSpan elapsed, SyncPhase phase = SyncPhase.Backfill) => new()
    {
        Sequence = 1,
        Dataset = dataset,
        Phase = phase,
        Completed = completed,
        Total = total,
        Fraction = (double?)completed / total,
        RowsPerSecond = 1_000,
        EstimatedTimeLeft = total is { } all ? TimeSpan.FromSeconds((all - completed) / 1_000.0) : null,
        Elapsed = elapsed,
        Bytes = 1,
        Pages = 1,
        Retries = 0,
        MemoryBytes = 1,
    };
}
