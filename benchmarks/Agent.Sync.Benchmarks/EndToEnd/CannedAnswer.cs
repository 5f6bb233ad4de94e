namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>The body of an answer, and how many rows it has.</summary>
internal sealed record CannedAnswer(ReadOnlyMemory<byte> Body, int Rows)
{
    public static CannedAnswer Empty { get; } = new("[]"u8.ToArray(), 0);
}
