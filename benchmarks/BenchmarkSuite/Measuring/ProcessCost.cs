namespace BenchmarkSuite.Measuring;

/// <summary>What one run of a peer took, as measured from outside, and what it said about itself.</summary>
internal sealed record ProcessCost
{
    public TimeSpan Wall { get; init; }

    /// <summary>Gets user and system time of the whole process.</summary>
    public TimeSpan Cpu { get; init; }

    public long? Rows { get; init; }

    public long? PeakBytes { get; init; }

    public long? AllocatedBytes { get; init; }
}
