using System.Diagnostics;
using System.Globalization;

namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>
/// <c>pull [rows] [page size] [latency in ms] [rounds] [folder]</c>: the limits and the real pull, interleaved, medians last.
/// </summary>
internal static class EndToEndCommand
{
    public const string ServerVerb = "canned-server";

    private const string PullVerb = "pull";

    public static bool Handles(string verb) => verb is ServerVerb or PullVerb;

    public static async Task<int> RunAsync(string[] args)
    {
        var rows = Argument(args, 1, 100_000);
        var pageSize = Argument(args, 2, 1_000);
        var latency = Argument(args, 3, 0);
        if (args[0] == ServerVerb)
        {
            await new CannedServer(rows, pageSize, TimeSpan.FromMilliseconds(latency)).RunAsync();
            return 0;
        }

        var folder = args.Length > 5 ? args[5] : Path.Combine(AppContext.BaseDirectory, "pull-files");
        Directory.CreateDirectory(folder);
        await PullAsync(rows, pageSize, latency, Argument(args, 4, 3), folder);
        return 0;
    }

    private static async Task PullAsync(int rows, int pageSize, int latency, int rounds, string folder)
    {
        using var server = await ServerProcess.StartAsync(rows, pageSize, latency);
        var measured = new List<Measurement>();

        // The limits need the pages in this process; a run of a million rows goes without them, for its memory's sake.
        var pages = rows <= 200_000 ? SampleRows.Pages(rows, pageSize) : null;
        var bind = pages is null ? null : new BindLimit(pages);
        for (var round = 0; round < rounds; round++)
        {
            if (pages is not null)
            {
                measured.Add(await Measurement.TakeAsync("limit: HTTP drain", () => DrainLimit.RunAsync(server.Url, pages)));
            }

            if (bind is not null)
            {
                var file = NewFile(folder);
                await BindLimit.CreateTableAsync(file);
                measured.Add(await Measurement.TakeAsync("limit: SQLite upsert", () => Task.FromResult(bind.Run(file))));
            }

            measured.Add(await Measurement.TakeAsync("Agent.Sync pull", () => PullRun.RunAsync(server.Url, NewFile(folder), pageSize)));
        }

        Report(measured);
        Directory.Delete(folder, recursive: true);
    }

    private static void Report(List<Measurement> measured)
    {
        foreach (var measurement in measured)
        {
            Console.WriteLine(measurement);
        }

        var medians = measured.GroupBy(static measurement => measurement.Name)
            .ToDictionary(static group => group.Key, static group => group.OrderBy(static run => run.Wall).ElementAt(group.Count() / 2));
        Console.WriteLine("medians");
        foreach (var median in medians.Values)
        {
            Console.WriteLine(median);
        }

        var pull = medians["Agent.Sync pull"];
        var limits = medians.Values.Where(static median => median.Name.StartsWith("limit", StringComparison.Ordinal)).ToList();
        if (limits.Count > 0)
        {
            var share = limits.Max(static limit => limit.Wall) / pull.Wall;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"share of the slower limit: {share:F2}"));
        }

        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak working set: {process.PeakWorkingSet64 / 1_000_000.0:F0} MB"));
    }

    private static string NewFile(string folder)
    {
        foreach (var old in Directory.GetFiles(folder))
        {
            File.Delete(old);
        }

        return Path.Combine(folder, "pull.db");
    }

    private static int Argument(string[] args, int index, int fallback) =>
        args.Length > index ? int.Parse(args[index], CultureInfo.InvariantCulture) : fallback;
}
