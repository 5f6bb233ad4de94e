namespace Agent.Sync.SimulationTests;

public sealed class PullSimulationTests(ITestOutputHelper output)
{
    [Fact]
    public void Pull_UnderFaultsKillsAndPauses_ConvergesForEverySeed()
    {
        var faults = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var kills = 0;
        var pauses = 0;
        var parallel = 0;
        foreach (var run in SimulationThread.RunAll(SimulationSeeds.All, Run))
        {
            kills += run.Kills;
            pauses += run.Pauses;
            parallel += run.MostRanges > 1 ? 1 : 0;
            foreach (var (fault, count) in run.Faults)
            {
                faults[fault] = faults.GetValueOrDefault(fault) + count;
            }
        }

        output.WriteLine($"{SimulationSeeds.All.Count} seeds, {kills} kills, {pauses} pauses, {parallel} with parallel ranges; faults: {string.Join(", ", faults.Select(static fault => $"{fault.Key} {fault.Value}"))}");
        Assert.True(kills > SimulationSeeds.All.Count / 2, "Too few kills to mean anything.");
        Assert.True(pauses > SimulationSeeds.All.Count / 8, "Too few pauses to mean anything.");
        Assert.True(parallel > SimulationSeeds.All.Count / 8, "Too few backfills in parallel to mean anything.");
        Assert.True(faults.Count >= 10, "Some kind of fault never came up.");
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
            var tail = string.Join(Environment.NewLine, run.Events.TakeLast(30));
            throw new InvalidOperationException($"Seed {seed} failed after:{Environment.NewLine}{tail}", exception);
        }

        return run;
    }
}
