namespace Agent.Sync.Stores;

/// <summary>What a store keeps in a slot.</summary>
/// <param name="Revision">1 for the first write, one more for every further one.</param>
/// <param name="Content">Opaque bytes, versioned and sealed by the engine; at most 64 KiB.</param>
public sealed record StoredCheckpoint(long Revision, ReadOnlyMemory<byte> Content);
