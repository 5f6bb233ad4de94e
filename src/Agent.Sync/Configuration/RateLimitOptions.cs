using Agent.Sync.Configuration;

namespace Agent.Sync;

/// <summary>The rate limit, a token bucket per user of the process. A 429 lowers the rate for a while.</summary>
public sealed class RateLimitOptions
{
    /// <summary>Gets or sets how many requests per second one user may send on average.</summary>
    /// <value>Above 0, at most 100,000. The default is 1,000, far above what one run needs. Also read from AGENT_SYNC_REQUESTS_PER_SECOND.</value>
    [InRange(0, OptionLimits.MaxRequestsPerSecond, IsAboveMinimum = true)]
    public double RequestsPerSecond { get; set; } = 1_000;

    /// <summary>Gets or sets how many requests one user may send at once after a pause.</summary>
    /// <value>1 to 10,000. The default is 100. Also read from AGENT_SYNC_REQUEST_BURST.</value>
    [InRange(OptionLimits.MinBurst, OptionLimits.MaxBurst)]
    public int Burst { get; set; } = 100;

    internal void CopyTo(RateLimitOptions other)
    {
        other.RequestsPerSecond = RequestsPerSecond;
        other.Burst = Burst;
    }
}
