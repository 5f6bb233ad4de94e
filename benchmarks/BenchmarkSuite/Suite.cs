using BackendHost;
using BenchmarkSuite.Cells;
using BenchmarkSuite.Correctness;
using BenchmarkSuite.Measuring;
using BenchmarkSuite.Peers;
using BenchmarkSuite.Results;

namespace BenchmarkSuite;

/// <summary>One run: the servers, the rounds, the results.</summary>
internal sealed class Suite(SuiteOptions options)
{
    private readonly string _files = Path.Combine(options.Root, "artifacts", "bench", "files");

    public async Task RunAsync()
    {
        ReportFolder report = new(options);
        if (!options.ReportsOnly)
        {
            await MeasureAsync(report);
        }

        report.Write(SuiteResults.Read(report.Results));
        Console.WriteLine($"The report is in {report.Page}");
    }

    private async Task MeasureAsync(ReportFolder report)
    {
        var wanted = PeerCatalog.All(options.Root).Where(peer => options.Only.Count == 0 || options.Only.Contains(peer.Id)).ToArray();
        var peers = wanted.Where(static peer => File.Exists(peer.Program[^1])).ToArray();
        await using var plain = await Server.StartAsync(kit: false, options.Rows);
        await using var kit = await Server.StartAsync(kit: true, options.Rows);
        await PrepareAsync(plain, peers);
        SuiteResults results = new() { Run = await RunInfo.CollectAsync(options, plain) };
        if (options.IsPartial && File.Exists(report.Results))
        {
            results.Keep(SuiteResults.Read(report.Results), options);
        }

        results.Absences.AddRange(wanted.Except(peers).Select(static peer => new Absence(peer.Id, "its packages could not be restored from the feed of this machine.")));
        Directory.CreateDirectory(_files);
        try
        {
            Server ServerOf(Peer peer) => peer.NeedsKit ? kit : plain;
            if (options.Has("traffic"))
            {
                // It comes first, because it also warms the servers.
                await EachAsync(peers, results, async peer => results.Traffic.AddRange(await new CellRunner(ServerOf(peer), Log).CountAsync(peer, _files)));
                results.Write(report.Results);
            }

            for (var round = 1; options.Has("speed") && round <= options.Rounds; round++)
            {
                Log($"Round {round} of {options.Rounds}");
                await EachAsync(Rotate(peers, round), results, async peer => results.Samples.AddRange(await new CellRunner(ServerOf(peer), Log).MeasureAsync(peer, round, _files)));
                results.Write(report.Results);
            }

            if (options.Has("findings"))
            {
                Log("What is lost");
                await EachAsync(peers.Where(static peer => peer.Kind != PeerKind.Limit), results, async peer => results.Findings.AddRange(await new FindingRunner(ServerOf(peer), peer, _files).RunAsync()));
                results.Write(report.Results);
            }

            if (options.Has("latency"))
            {
                Log("Over a distance");
                await EachAsync(peers.Where(static peer => peer.IsOverDistance), results, async peer => results.Latency.AddRange(await new LatencyRunner(ServerOf(peer), _files).RunAsync(peer)));
                results.Write(report.Results);
            }
        }
        finally
        {
            Directory.Delete(_files, recursive: true);
        }
    }

    /// <summary>Makes the tables of those that need their own; the API reads the schema once, and so starts again.</summary>
    private static async Task PrepareAsync(Server server, Peer[] peers)
    {
        foreach (var setup in peers.Select(static peer => peer.Setup).OfType<string>())
        {
            await server.SqlAsync(await File.ReadAllTextAsync(setup));
        }

        await server.RestartAsync();
    }

    /// <summary>Nobody is always first, or always after the same one.</summary>
    private static IEnumerable<Peer> Rotate(Peer[] peers, int round) => peers.Select((_, index) => peers[(index + round) % peers.Length]);

    private static async Task EachAsync(IEnumerable<Peer> peers, SuiteResults results, Func<Peer, Task> run)
    {
        foreach (var peer in peers.Where(peer => results.Absences.All(absence => absence.Peer != peer.Id)))
        {
            try
            {
                await run(peer);
            }
            catch (Exception exception) when (exception is PeerException or LocalBackendException)
            {
                results.Absences.Add(new Absence(peer.Id, exception.Message));
                Log($"{peer.Title}: {exception.Message}");
            }
        }
    }

    private static void Log(string line) => Console.Error.WriteLine(line);
}
