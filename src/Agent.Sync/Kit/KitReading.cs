namespace Agent.Sync.Kit;

/// <summary>One answer of the kit for the datasets of a run.</summary>
/// <param name="Horizon">How far the sequence is settled.</param>
/// <param name="Tables">The enabled tables, by their name with its schema.</param>
internal sealed record KitReading(Horizon Horizon, IReadOnlyDictionary<string, KitTable> Tables);
