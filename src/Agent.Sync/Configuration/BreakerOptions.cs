using Agent.Sync.Configuration;

namespace Agent.Sync;

/// <summary>When the breaker opens. Answers in the 4xx range never count against it.</summary>
public sealed class BreakerOptions
{
    /// <summary>Gets or sets the share of failed attempts that opens the breaker.</summary>
    /// <value>Above 0, at most 1. The default is 0.9.</value>
    [InRange(0, 1, IsAboveMinimum = true)]
    public double FailureShare { get; set; } = 0.9;

    /// <summary>Gets or sets how many attempts <see cref="Window"/> must have before the share counts.</summary>
    /// <value>2 to 1,000. The default is 10.</value>
    [InRange(OptionLimits.MinBreakerAttempts, OptionLimits.MaxBreakerAttempts)]
    public int MinimumAttempts { get; set; } = 10;

    /// <summary>Gets or sets the time over which attempts are counted.</summary>
    /// <value>1 s to 10 minutes. The default is 1 minute.</value>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how long the breaker stays open before it lets one probe through.</summary>
    /// <value>500 ms to 10 minutes. The default is 15 s.</value>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(15);

    internal void CopyTo(BreakerOptions other)
    {
        other.FailureShare = FailureShare;
        other.MinimumAttempts = MinimumAttempts;
        other.Window = Window;
        other.BreakDuration = BreakDuration;
    }
}
