namespace BenchmarkSuite.Measuring;

/// <summary>A peer failed, or said something that it should not. The measurement goes on without this one.</summary>
internal sealed class PeerException(string message) : Exception(message);
