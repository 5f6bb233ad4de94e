using System.Diagnostics;
using System.Globalization;

namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>
/// <c>pull [rows] [page size] [latency in ms] [rounds]</c>: the limits and the real pull on prebuilt pages, interleaved;
/// <c>backend [rows] [page size] [rounds]</c>: the same against the local backend; <c>push [changes] [rounds]</c>: an
/// app's edits up to the local backend, with the SQL kit and without; <c>kit [rows] [rounds]</c>: what the SQL kit costs PostgreSQL; <c>kit-scale [rows] [users]</c>: what
/// clients of the kit wait for at a large table; <c>small</c>: 100 rows, warm. Files go
/// to the folder in BENCHMARK_FOLDER, else beside the program.
/// </summary>
internal static class EndToEndCommand
{
    public const string ServerVerb = "canned-server";

    private const string PullVerb = "pull";
    private const string BackendVerb = "backend";
    private const string PushVerb = "push";
    private const string KitVerb = "kit";
    private const string KitScaleVerb = "kit-scale";
    private const string SmallVerb = "small";
    private const string PullName = "Agent.Sync pull";
    private const string ChainName = "Agent.Sync pull, one request at a time";

    /// <summary>Above this many rows the limits are left out: they need every page in this process, and memory is measured too.</summary>
    private const int MostRowsWithLimits = 200_000;

    public static bool Handles(string verb) => verb is ServerVerb or PullVerb or BackendVerb or PushVerb or KitVerb or KitScaleVerb or SmallVerb;

    public static async Task<int> RunAsync(string[] args)
    {
        var rows = Argument(args, 1, 100_000);
        var pageSize = Argument(args, 2, 1_000);
        if (args[0] == ServerVerb)
        {
            await new CannedServer(rows, TimeSpan.FromMilliseconds(Argument(args, 2, 0))).RunAsync();
            return 0;
        }

        var folder = Environment.GetEnvironmentVariable("BENCHMARK_FOLDER") ?? Path.Combine(AppContext.BaseDirectory, "end-to-end-files");
        Directory.CreateDirectory(folder);
        try
        {
            await (args[0] switch
            {
                SmallVerb => SmallRun.RunAsync(folder),
                PushVerb => PushRun.RunAsync(Argument(args, 1, 10_000), Argument(args, 2, 3), () => NewFile(folder)),
                KitVerb => KitRun.RunAsync(rows, Argument(args, 2, 7)),
                KitScaleVerb => KitScaleRun.RunAsync(Argument(args, 1, 1_000_000), Argument(args, 2, 2_000)),
                BackendVerb => BackendRun.RunAsync(rows, pageSize, Argument(args, 3, 3), () => NewFile(folder)),
                _ => PullAsync(rows, pageSize, Argument(args, 3, 0), Argument(args, 4, 3), folder),
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    /// <summary>Prints every run, the medians, and the pull's share of the slower of the runs whose name starts so.</summary>
    public static void Report(List<Measurement> measured, string limitPrefix)
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

        var limits = medians.Values.Where(median => median.Name.StartsWith(limitPrefix, StringComparison.Ordinal)).ToList();
        if (limits.Count > 0 && medians.TryGetValue(PullName, out var pull))
        {
            var share = limits.Max(static limit => limit.Wall) / pull.Wall;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"share of the slower limit: {share:F2}"));
        }

        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak working set: {process.PeakWorkingSet64 / 1_000_000.0:F0} MB"));
    }

    private static async Task PullAsync(int rows, int pageSize, int latency, int rounds, string folder)
    {
        using var server = await ServerProcess.StartAsync(rows, latency);
        using var connection = new PullConnection(server.Url, pageSize);
        using var chain = new PullConnection(server.Url, pageSize) { MaxPullRequests = 1 };
        var measured = new List<Measurement>();
        var pages = rows <= MostRowsWithLimits ? SampleRows.Pages(rows, pageSize) : null;
        var bind = pages is null ? null : new BindLimit(pages);
        for (var round = 0; round < rounds; round++)
        {
            if (pages is not null && bind is not null)
            {
                measured.Add(await Measurement.TakeAsync("limit: HTTP drain", () => DrainLimit.RunAsync(server.Url, pages)));
                var file = NewFile(folder);
                await BindLimit.CreateTableAsync(file);
                measured.Add(await Measurement.TakeAsync("limit: SQLite upsert", () => Task.FromResult(bind.Run(file))));
            }

            measured.Add(await Measurement.TakeAsync(PullName, async () => (await connection.PullAsync(NewFile(folder))).Applied));
            if (latency > 0)
            {
                measured.Add(await Measurement.TakeAsync(ChainName, async () => (await chain.PullAsync(NewFile(folder))).Applied));
            }
        }

        Report(measured, "limit");
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
