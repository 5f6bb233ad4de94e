namespace Agent.Sync.Testing.Postgrest;

/// <summary>One committed row: each value as its JSON text, and as what it compares as.</summary>
internal sealed record TableRow(byte[][] Json, object?[] Values);
