namespace Agent.Sync.IntegrationTests.Backends;

/// <summary>How many rows there are, and a hash over them.</summary>
internal sealed record RowDigest(int Count, string Hash);
