using Agent.Sync.Configuration;

namespace Agent.Sync;

/// <summary>When gathered pages are committed: as soon as one of the limits is reached. One commit is one transaction and one checkpoint.</summary>
public sealed class CommitOptions
{
    /// <summary>Gets or sets the limit in rows.</summary>
    /// <value>1 to 1,000,000. The default is 10,000. Also read from AGENT_SYNC_COMMIT_ROWS.</value>
    [InRange(OptionLimits.MinCommitRows, OptionLimits.MaxCommitRows)]
    public int Rows { get; set; } = 10_000;

    /// <summary>Gets or sets the limit in bytes of JSON.</summary>
    /// <value>1 to 256 MiB. The default is 16 MiB. Also read from AGENT_SYNC_COMMIT_BYTES.</value>
    [InRange(OptionLimits.MinCommitBytes, OptionLimits.MaxCommitBytes)]
    public int Bytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Gets or sets the limit in time since the first gathered page.</summary>
    /// <value>0 to 1 minute; zero commits every page. The default is 250 ms. Also read from AGENT_SYNC_COMMIT_MILLISECONDS.</value>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMilliseconds(250);

    internal void CopyTo(CommitOptions other)
    {
        other.Rows = Rows;
        other.Bytes = Bytes;
        other.Interval = Interval;
    }
}
