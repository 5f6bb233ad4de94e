using Agent.Sync.Configuration;

namespace Agent.Sync;

/// <summary>The retries of one request.</summary>
public sealed class RetryOptions
{
    /// <summary>Gets or sets how often a failed request is sent again.</summary>
    /// <value>0 to 10. The default is 3. Also read from AGENT_SYNC_RETRIES.</value>
    [InRange(0, OptionLimits.MaxRetries)]
    public int MaxRetries { get; set; } = 3;

    /// <summary>Gets or sets the wait before the first retry; each further wait doubles.</summary>
    /// <value>1 ms to 1 minute. The default is 1 s, so the waits are 1 s, 2 s, 4 s. Also read from AGENT_SYNC_RETRY_DELAY_MILLISECONDS.</value>
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets a value indicating whether the waits vary at random, so that many clients do not return at once. The default is false.</summary>
    public bool UseJitter { get; set; }

    /// <summary>Gets or sets the longest Retry-After that is obeyed; a longer one fails the request.</summary>
    /// <value>0 to 1 hour. The default is 2 minutes.</value>
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Gets or sets how long one attempt may take, including its body.</summary>
    /// <value>100 ms to 10 minutes. The default is 30 s. Also read from AGENT_SYNC_ATTEMPT_TIMEOUT_SECONDS.</value>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long one request may take, including all attempts and waits.</summary>
    /// <value>At least the attempt's timeout, at most 1 hour. The default is 5 minutes. Also read from AGENT_SYNC_REQUEST_TIMEOUT_SECONDS.</value>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(5);

    internal void CopyTo(RetryOptions other)
    {
        other.MaxRetries = MaxRetries;
        other.Delay = Delay;
        other.UseJitter = UseJitter;
        other.MaxRetryAfter = MaxRetryAfter;
        other.AttemptTimeout = AttemptTimeout;
        other.RequestTimeout = RequestTimeout;
    }
}
