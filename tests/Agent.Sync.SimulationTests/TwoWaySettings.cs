namespace Agent.Sync.SimulationTests;

/// <summary>What a seed decides of a two-way run before anything runs.</summary>
internal sealed record TwoWaySettings(
    bool HasKit,
    bool DeletesForGood,
    ConflictPolicy Conflicts,
    int Rows,
    int Edits,
    int Transactions,
    int PageSize,
    int BatchRows,
    int? MaxRows,
    bool StoreKeepsCheckpoint,
    double FaultShare,
    bool FastNetwork)
{
    public static TwoWaySettings For(Random random)
    {
        var hasKit = random.Next(2) == 0;
        return new TwoWaySettings(
            HasKit: hasKit,
            DeletesForGood: hasKit && random.Next(2) == 0, // Without the kit nothing tells of a row that is gone.
            Conflicts: Pick(random, ConflictPolicy.ServerWins, ConflictPolicy.LocalWins, ConflictPolicy.Resolver),
            Rows: random.Next(0, 40),
            Edits: random.Next(10, 60),
            Transactions: random.Next(0, 25),
            PageSize: Pick(random, 3, 10, 100),
            BatchRows: Pick(random, 1, 3, 10, 500),
            MaxRows: Pick<int?>(random, null, null, 4, 20),
            StoreKeepsCheckpoint: random.Next(2) == 0,
            FaultShare: Pick(random, 0, 0.05, 0.2),
            FastNetwork: random.Next(2) == 0);
    }

    private static T Pick<T>(Random random, params T[] choices) => choices[random.Next(choices.Length)];
}
