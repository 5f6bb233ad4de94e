using Agent.Sync.Checkpoints;

namespace Agent.Sync.SimulationTests;

/// <summary>What a backfill's checkpoint says of single keys.</summary>
internal static class UnreadKeys
{
    /// <summary>Counts the ranges in which a key is still to be read: one, or none once it was read.</summary>
    public static int Count(CheckpointState state, string key) => state.Ranges.Count(range =>
        (range.After is not { } after || string.CompareOrdinal(key, after[0]) > 0) && (range.To is not { } to || string.CompareOrdinal(key, to[0]) <= 0));
}
