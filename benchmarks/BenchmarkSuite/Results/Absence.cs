namespace BenchmarkSuite.Results;

/// <summary>Something that was not measured.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Reason">Why.</param>
internal sealed record Absence(string Peer, string Reason);
