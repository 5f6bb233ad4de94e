namespace Agent.Sync.Verify;

/// <summary>What a verify has counted.</summary>
internal sealed class VerifyCounts
{
    public long Compared { get; set; }

    /// <summary>Gets or sets the rows that were walked over in the phase, for its share.</summary>
    public long Walked { get; set; }

    public long Missing { get; set; }

    public long Stale { get; set; }

    public long Extra { get; set; }

    public long Newer { get; set; }

    public long LeftOut { get; set; }

    public long WithoutPosition { get; set; }

    public long Buckets { get; set; }

    public long BucketsDiffered { get; set; }

    public long Restored { get; set; }

    public long Removed { get; set; }

    public long Differences => Missing + Stale + Extra;
}
