namespace Agent.Sync.Stores;

/// <summary>A lease that its holder presents when it writes.</summary>
/// <param name="Slot">The id of the checkpoint that the lease is for.</param>
/// <param name="Fence">The fence of the grant. If there is a newer one, the write is refused with <see cref="SyncErrorKind.LeaseLost"/>.</param>
public sealed record HeldLease(CheckpointId Slot, Fence Fence);
