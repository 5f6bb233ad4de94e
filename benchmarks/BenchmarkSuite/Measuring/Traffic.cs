namespace BenchmarkSuite.Measuring;

/// <summary>What passed between a peer and the server.</summary>
/// <param name="Requests">Requests of HTTP; none where a peer talks to PostgreSQL.</param>
/// <param name="BytesUp">Bytes to the server.</param>
/// <param name="BytesDown">Bytes from the server.</param>
internal sealed record Traffic(long Requests, long BytesUp, long BytesDown);
