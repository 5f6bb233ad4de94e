namespace Agent.Sync.Testing.Postgrest;

/// <summary>What the SQL kit says of an enabled table.</summary>
internal sealed record KitEntry(string Epoch, long MinRetained, string Tombstones, IReadOnlyList<string> Key, IEnumerable<string> Columns);
