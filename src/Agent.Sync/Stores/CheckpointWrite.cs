namespace Agent.Sync.Stores;

/// <summary>One compare-and-swap write of a checkpoint.</summary>
/// <param name="Checkpoint">The checkpoint's id.</param>
/// <param name="Content">The new content; the store copies it.</param>
/// <param name="ExpectedRevision">The revision that must be stored; 0 means that there must be no checkpoint. The write raises it by one.</param>
/// <param name="Fence">The writer's fence, which must be the newest of this checkpoint.</param>
public sealed record CheckpointWrite(CheckpointId Checkpoint, ReadOnlyMemory<byte> Content, long ExpectedRevision, Fence Fence);

/// <summary>A checkpoint as a store keeps it.</summary>
/// <param name="Revision">1 for the first write, and one more for each further write.</param>
/// <param name="Content">Opaque bytes, versioned and sealed by the engine; at most 64 KiB.</param>
public sealed record StoredCheckpoint(long Revision, ReadOnlyMemory<byte> Content);
