namespace BenchmarkSuite.Results;

/// <summary>A full pull over a distance.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Milliseconds">What each request waits.</param>
/// <param name="PageSize">Rows per request.</param>
/// <param name="Wall">Seconds.</param>
internal sealed record LatencySample(string Peer, int Milliseconds, int PageSize, double Wall);
