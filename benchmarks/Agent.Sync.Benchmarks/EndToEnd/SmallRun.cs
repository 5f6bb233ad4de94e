using System.Diagnostics;
using System.Globalization;

namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>A small data set, warm: what a sync takes beyond the round trips of its own requests.</summary>
internal static class SmallRun
{
    private const int Rows = 100;
    private const int Warmup = 20;
    private const int Runs = 100;

    public static async Task RunAsync(string folder)
    {
        using var server = await ServerProcess.StartAsync(Rows, Rows, latencyMilliseconds: 0);
        var pages = SampleRows.Pages(Rows, Rows);
        var syncs = new List<double>();
        var trips = new List<double>();
        using var connection = new PullConnection(server.Url, Rows);
        for (var run = 0; run < Warmup + Runs; run++)
        {
            var file = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"small-{run}.db"));
            var started = Stopwatch.GetTimestamp();
            var result = await connection.PullAsync(file);
            var sync = Stopwatch.GetElapsedTime(started).TotalMilliseconds;

            // The bare loop reads the one page; an empty page costs no more than that.
            started = Stopwatch.GetTimestamp();
            await DrainLimit.RunAsync(server.Url, pages);
            var trip = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            if (run >= Warmup)
            {
                syncs.Add(sync);
                trips.Add(trip * result.Datasets[0].Requests);
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Rows} rows, warm, median of {Runs}: sync {Median(syncs):F1} ms, its requests' round trips {Median(trips):F1} ms, beyond them {Median(syncs) - Median(trips):F1} ms"));
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
