namespace Agent.Sync.Testing.Local;

/// <summary>What a pull learned of a row that has a local change.</summary>
/// <param name="Row">The server's row; null when it is gone there.</param>
internal sealed record ServerNews(MemoryRow? Row);
