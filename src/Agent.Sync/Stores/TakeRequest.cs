namespace Agent.Sync.Stores;

/// <summary>Which changes to take from an outbox.</summary>
/// <param name="Dataset">The dataset, prepared.</param>
/// <param name="Part">Writes or deletes.</param>
/// <param name="After">The number of the change after which to continue; 0 from the start.</param>
/// <param name="MaxChanges">The most changes to hand out, 1 or more.</param>
/// <param name="MaxBytes">The most bytes of JSON. The batch ends before the change that would exceed it, but has at least one change.</param>
/// <param name="WholeRows">Whether an update carries every column that may be sent, with explicit nulls, instead of only those that changed.</param>
/// <param name="Lease">The fence of the dataset's lease, checked in the same transaction if the store keeps leases: if there is a newer one, refuse with <see cref="SyncErrorKind.LeaseLost"/>. Null if the store keeps none.</param>
public sealed record TakeRequest(
    Dataset Dataset, ChangePart Part, long After, int MaxChanges, long MaxBytes, bool WholeRows, Fence? Lease);

/// <summary>The part of the outbox: writes are sent parents first, deletes children first.</summary>
public enum ChangePart
{
    /// <summary>Inserts and updates.</summary>
    Writes,

    /// <summary>Deletes.</summary>
    Deletes,
}
