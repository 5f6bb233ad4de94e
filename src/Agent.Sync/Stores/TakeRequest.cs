namespace Agent.Sync.Stores;

/// <summary>What to hand out of an outbox.</summary>
/// <param name="Dataset">The dataset, prepared.</param>
/// <param name="Part">Which half.</param>
/// <param name="After">The number of the change after which to go on; 0 from the start.</param>
/// <param name="MaxChanges">At most so many, 1 or more.</param>
/// <param name="MaxBytes">Ends before the change whose JSON would pass it, but hands out at least one.</param>
/// <param name="WholeRows">Whether an update carries every column that may be sent, with explicit nulls, instead of those that changed.</param>
/// <param name="Lease">Checked in the same transaction where the store keeps leases; null where it does not.</param>
public sealed record TakeRequest(
    Dataset Dataset, ChangePart Part, long After, int MaxChanges, long MaxBytes, bool WholeRows, HeldLease? Lease);
