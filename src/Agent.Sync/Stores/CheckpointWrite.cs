namespace Agent.Sync.Stores;

/// <summary>One compare-and-swap write of a checkpoint.</summary>
/// <param name="Slot">Where.</param>
/// <param name="Content">The new content; the store copies it.</param>
/// <param name="ExpectedRevision">The revision that must be in the slot; 0 means that the slot must be empty. The write makes it one more.</param>
/// <param name="Fence">The writer's fence, which must be the slot's newest.</param>
public sealed record CheckpointWrite(CheckpointId Slot, ReadOnlyMemory<byte> Content, long ExpectedRevision, Fence Fence);
