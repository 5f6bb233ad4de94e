namespace Agent.Sync.SimulationTests;

public sealed class PullSimulationTests(ITestOutputHelper output)
{
    private static readonly string[] Needed =
    [
        "fault 503", "fault 429", "fault 57014", "fault 40001", "fault refused", "fault reset", "fault short body", "fault cut body", "fault gzip", "fault hang", "fault drip", "fault 401",
        "fault 401 storm", "fault 5xx burst", "fault 524", "fault html", "fault schema cache", "fault redirect",
        "killed before apply", "killed after apply", "killed between calls", "paused", "cancelled", "store failed before apply", "store failed after apply",
        "parallel ranges", "parallel ranges in a resync", "resync", "lost checkpoint", "lost rows", "clock jumped",
    ];

    [Fact]
    public void Pull_UnderFaultsKillsAndPauses_ConvergesForEverySeed()
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (what, count) in SimulationThread.RunAll(SimulationSeeds.All, Run).SelectMany(static run => run.Counts))
        {
            counts[what] = counts.GetValueOrDefault(what) + count;
        }

        output.WriteLine($"{SimulationSeeds.All.Count} seeds; {string.Join(", ", counts.Select(static item => $"{item.Key} {item.Value}"))}");
        if (SimulationSeeds.AreMany)
        {
            Assert.All(Needed, what => Assert.True(counts.ContainsKey(what), $"It never came to: {what}."));
        }
    }

    [Fact]
    public void Pull_SameSeedTwice_HasTheSameTrace()
    {
        SimulationThread.RunAll(Enumerable.Range(1, SimulationSeeds.RunTwice), static seed =>
        {
            Assert.Equal(Run(seed).Events, Run(seed).Events);
            return seed;
        });
    }

    private static SimulationRun Run(int seed)
    {
        var run = new SimulationRun(seed);
        try
        {
            run.Run();
        }
        catch (Exception exception)
        {
            var tail = string.Join(Environment.NewLine, run.Events.TakeLast(SimulationSeeds.Told));
            throw new InvalidOperationException($"Seed {seed} failed after:{Environment.NewLine}{tail}", exception);
        }

        return run;
    }
}
