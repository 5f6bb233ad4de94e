namespace Agent.Sync.Resilience;

/// <summary>What one attempt's failure says about the next.</summary>
internal readonly record struct RetryAdvice(RetryMode Mode, TimeSpan Delay = default)
{
    public static RetryAdvice Never => new(RetryMode.Never);

    public static RetryAdvice Backoff => new(RetryMode.Backoff);
}
