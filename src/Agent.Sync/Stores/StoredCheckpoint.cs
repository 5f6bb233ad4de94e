namespace Agent.Sync.Stores;

/// <summary>A checkpoint as a store keeps it.</summary>
/// <param name="Revision">1 for the first write, and one more for each further write.</param>
/// <param name="Content">Opaque bytes, versioned and sealed by the engine; at most 64 KiB.</param>
public sealed record StoredCheckpoint(long Revision, ReadOnlyMemory<byte> Content);
