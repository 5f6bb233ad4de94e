namespace BenchmarkSuite.Results;

/// <summary>What a peer's rows were worth after something went on beside it.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Scenario">What went on.</param>
/// <param name="Missing">Rows of the server that it does not have at the end.</param>
/// <param name="Stale">Rows that it has with an older name.</param>
/// <param name="Note">What else was seen.</param>
internal sealed record Finding(string Peer, string Scenario, int Missing, int Stale, string? Note = null);
