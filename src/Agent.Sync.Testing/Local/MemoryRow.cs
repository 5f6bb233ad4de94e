namespace Agent.Sync.Testing.Local;

internal sealed record MemoryRow(string Json, long Version);
