namespace Agent.Sync.Stores;

/// <summary>One compare-and-swap write of a checkpoint.</summary>
/// <param name="Slot">The checkpoint's id.</param>
/// <param name="Content">The new content; the store copies it.</param>
/// <param name="ExpectedRevision">The revision that must be stored; 0 means that there must be no checkpoint. The write raises it by one.</param>
/// <param name="Fence">The writer's fence, which must be the newest of this checkpoint.</param>
public sealed record CheckpointWrite(CheckpointId Slot, ReadOnlyMemory<byte> Content, long ExpectedRevision, Fence Fence);
