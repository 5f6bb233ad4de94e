namespace Agent.Sync.SimulationTests;

public sealed class TwoWaySimulationTests(ITestOutputHelper output)
{
    private static readonly string[] Needed =
    [
        "fault 503", "fault 429", "fault 57014", "fault 40001", "fault refused", "fault reset", "fault short body", "fault cut body", "fault gzip", "fault hang", "fault drip", "fault 401",
        "fault 401 storm", "fault 5xx burst", "fault 524", "fault html", "fault schema cache", "fault redirect", "fault 413", "fault answer lost",
        "killed before take", "killed after take", "killed before settle", "killed after settle",
        "killed before apply", "killed after apply", "killed between calls", "paused", "quarantined",
        "store failed before apply", "store failed after apply", "store failed before take", "store failed after take", "store failed before settle", "store failed after settle",
        "Cancelled", "SecondEngine", "PowerCut", "AppThrows", "clock jumped", "lost rows", "lost checkpoint", "older checkpoint", "older copy",
        "turn Widened", "turn Hidden", "turn Revoked", "turn Truncated", "turn Restored", "turn Pruned",
        "ended TimeBudgetReached", "ended UserChanged", "ended AuthRequired", "ended ResyncRequired", "ended LeaseHeld", "ended LeaseLost", "ended StoreFailed", "ended cancelled", "ended AppException",
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
        if (SimulationSeeds.AreMany)
        {
            Assert.Equal(9, combinations.Count);
            Assert.All(Needed, what => Assert.True(counts.ContainsKey(what), $"It never came to: {what}."));
        }
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
            var tail = string.Join(Environment.NewLine, run.Events.TakeLast(SimulationSeeds.Told));
            throw new InvalidOperationException($"Seed {seed} ({run.Settings}) failed after:{Environment.NewLine}{tail}", exception);
        }

        return run;
    }
}
