namespace BenchmarkSuite.Results;

/// <summary>What passed between a peer and the server in a cell.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Cell">The cell.</param>
/// <param name="Requests">Requests of HTTP.</param>
/// <param name="BytesUp">Bytes to the server, also those of a connection to the database.</param>
/// <param name="BytesDown">Bytes from it.</param>
internal sealed record TrafficSample(string Peer, string Cell, long Requests, long BytesUp, long BytesDown);
