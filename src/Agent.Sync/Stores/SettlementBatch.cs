namespace Agent.Sync.Stores;

/// <summary>Settlements that are written in one transaction.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Settlements">What became of the changes.</param>
/// <param name="Now">The time, for the quarantine's entries.</param>
/// <param name="Lease">Checked in the same transaction where the store keeps leases; null where it does not.</param>
public sealed record SettlementBatch(Dataset Dataset, IReadOnlyList<Settlement> Settlements, DateTimeOffset Now, HeldLease? Lease);
