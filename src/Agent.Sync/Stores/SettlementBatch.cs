namespace Agent.Sync.Stores;

/// <summary>Outcomes to write down in one transaction.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Settlements">The outcomes of the changes.</param>
/// <param name="Now">The time, for the quarantine's entries.</param>
/// <param name="Lease">Checked in the same transaction if the store keeps leases; null if it does not.</param>
public sealed record SettlementBatch(Dataset Dataset, IReadOnlyList<Settlement> Settlements, DateTimeOffset Now, HeldLease? Lease);
