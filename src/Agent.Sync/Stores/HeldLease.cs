namespace Agent.Sync.Stores;

/// <summary>A lease that its holder shows when it writes.</summary>
/// <param name="Slot">Whose lease.</param>
/// <param name="Fence">The fence it was granted with; a newer one refuses the write with <see cref="SyncErrorKind.LeaseLost"/>.</param>
public sealed record HeldLease(CheckpointId Slot, Fence Fence);
