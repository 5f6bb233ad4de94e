namespace Agent.Sync.Testing.Local;

/// <summary>What was handed out to be sent.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Local">The local row at that moment; null for a delete.</param>
internal sealed record FrozenEdit(ChangeKind Kind, MemoryRow? Local);
