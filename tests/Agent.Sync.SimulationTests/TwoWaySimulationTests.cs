namespace Agent.Sync.SimulationTests;

public sealed class TwoWaySimulationTests(ITestOutputHelper output)
{
    private static readonly string[] Needed =
    [
        "fault 503", "fault 57014", "fault refused", "fault reset", "fault hang", "fault 401", "fault 413", "fault answer lost",
        "killed before take", "killed after take", "killed before settle", "killed after settle",
        "killed before apply", "killed after apply", "killed between calls", "paused", "time over", "quarantined",
        "settled Acknowledge", "settled TakeServer", "settled KeepLocal", "settled TakeMerged", "settled Reject",
    ];

    [Fact]
    public void Sync_OnSeveralDevicesUnderFaultsKillsAndPauses_ConvergesForEverySeed()
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var combinations = new HashSet<(bool, bool, ConflictPolicy)>();
        foreach (var run in SimulationThread.RunAll(SimulationSeeds.All, Run))
        {
            combinations.Add((run.Settings.HasKit, run.Settings.DeletesForGood, run.Settings.Conflicts));
            foreach (var (what, count) in run.Counts)
            {
                counts[what] = counts.GetValueOrDefault(what) + count;
            }
        }

        output.WriteLine($"{SimulationSeeds.All.Count} seeds; {string.Join(", ", counts.Select(static item => $"{item.Key} {item.Value}"))}");
        Assert.Equal(9, combinations.Count);
        Assert.All(Needed, what => Assert.True(counts.ContainsKey(what), $"It never came to: {what}."));
    }

    [Fact]
    public void Sync_SameSeedTwice_HasTheSameTrace()
    {
        SimulationThread.RunAll(Enumerable.Range(1, SimulationSeeds.RunTwice), static seed =>
        {
            Assert.Equal(Run(seed).Events, Run(seed).Events);
            return seed;
        });
    }

    private static TwoWayRun Run(int seed)
    {
        var run = new TwoWayRun(seed);
        try
        {
            run.Run();
        }
        catch (Exception exception)
        {
            var tail = string.Join(Environment.NewLine, run.Events.TakeLast(60));
            throw new InvalidOperationException($"Seed {seed} ({run.Settings}) failed after:{Environment.NewLine}{tail}", exception);
        }

        return run;
    }
}
