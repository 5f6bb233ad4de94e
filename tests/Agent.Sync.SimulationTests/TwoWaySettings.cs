namespace Agent.Sync.SimulationTests;

/// <summary>What a seed decides of a two-way run before anything runs.</summary>
internal sealed record TwoWaySettings(
    bool HasKit,
    bool KitComesLate,
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
    bool FastNetwork,
    ServerTurn Turn,
    bool ClockJumps,
    bool LosesFiles,
    bool AppIsUpdated)
{
    /// <summary>Gets a value indicating whether rows come or go for a user without a change that a delta could bring: only a resync finds them.</summary>
    public bool NeedsResync => Turn is ServerTurn.Widened or ServerTurn.Hidden || (Turn == ServerTurn.Truncated && (!HasKit || KitComesLate));

    public static TwoWaySettings For(Random random)
    {
        var hasKit = random.Next(2) == 0;
        return new TwoWaySettings(
            HasKit: hasKit,
            KitComesLate: hasKit && random.Next(6) == 0,
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
            FastNetwork: random.Next(2) == 0,
            Turn: random.Next(3) > 0 ? ServerTurn.None : (ServerTurn)random.Next(1, Enum.GetValues<ServerTurn>().Length),
            ClockJumps: random.Next(4) == 0,
            LosesFiles: random.Next(4) == 0,
            AppIsUpdated: random.Next(4) == 0);
    }

    private static T Pick<T>(Random random, params T[] choices) => choices[random.Next(choices.Length)];
}

/// <summary>What happens to the table in the middle of a run, for a while or for good.</summary>
internal enum ServerTurn
{
    None,

    /// <summary>A policy shows everybody every row, for a while.</summary>
    Widened,

    /// <summary>A policy shows nobody any row, for a while: 200, and none.</summary>
    Hidden,

    /// <summary>The right to read or to write is taken away, for a while.</summary>
    Revoked,

    /// <summary>Every row is gone at once, without a tombstone.</summary>
    Truncated,

    /// <summary>The database was restored: with the kit, positions mean nothing any more.</summary>
    Restored,

    /// <summary>With the kit, the tombstones are pruned.</summary>
    Pruned,
}
