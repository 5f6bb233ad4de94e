using System.Diagnostics;
using System.Globalization;
using Agent.Sync.Sqlite;

namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>A small data set, warm: what a sync takes beyond the round trips of its own requests, on a new file and again.</summary>
internal static class SmallRun
{
    private const int Rows = 100;
    private const int Warmup = 20;
    private const int Runs = 100;

    public static async Task RunAsync(string folder)
    {
        using var server = await ServerProcess.StartAsync(Rows, latencyMilliseconds: 0);
        using var connection = new PullConnection(server.Url, Rows);
        var pages = SampleRows.Pages(Rows, Rows);
        var first = new List<double>();
        var again = new List<double>();
        for (var run = 0; run < Warmup + Runs; run++)
        {
            var file = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"small-{run}.db"));
            await using var store = new SqliteStore(file);
            await using var engine = connection.CreateEngine(store);
            var firstTime = await BeyondTripsAsync(engine, server.Url, pages);
            var againTime = await BeyondTripsAsync(engine, server.Url, pages);
            if (run >= Warmup)
            {
                first.Add(firstTime);
                again.Add(againTime);
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Rows} rows, warm, medians of {Runs}: beyond the requests' round trips a first sync takes {Median(first):F1} ms, one without changes {Median(again):F1} ms"));
    }

    private static async Task<double> BeyondTripsAsync(SyncEngine engine, Uri url, IReadOnlyList<SamplePage> pages)
    {
        var started = Stopwatch.GetTimestamp();
        var result = await engine.SyncAsync();
        var sync = Stopwatch.GetElapsedTime(started).TotalMilliseconds;

        // The bare loop reads the one full page; an empty page costs no more than that.
        started = Stopwatch.GetTimestamp();
        await DrainLimit.RunAsync(url, pages);
        return sync - (Stopwatch.GetElapsedTime(started).TotalMilliseconds * result.Datasets[0].Requests);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
