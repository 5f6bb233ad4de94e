namespace Agent.Sync.SimulationTests;

/// <summary>What a seed decides before anything runs.</summary>
internal sealed record SimulationSettings(
    int Rows, int PageSize, int? MaxRows, int CommitRows, TimeSpan CommitInterval, bool StoreKeepsCheckpoint, double FaultShare, bool FastNetwork)
{
    public static SimulationSettings For(Random random) => new(
        Rows: random.Next(random.Next(4) == 0 ? 400 : 120),
        PageSize: Pick(random, 1, 3, 10, 10, 50, 100),
        MaxRows: Pick<int?>(random, null, null, 7, 20),
        CommitRows: Pick(random, 1, 20, 100, 10_000),
        CommitInterval: TimeSpan.FromMilliseconds(Pick(random, 0, 5, 250)),
        StoreKeepsCheckpoint: random.Next(2) == 0,
        FaultShare: Pick(random, 0, 0.05, 0.2),
        FastNetwork: random.Next(2) == 0);

    private static T Pick<T>(Random random, params T[] choices) => choices[random.Next(choices.Length)];
}
