namespace Agent.Sync.Resilience;

/// <summary>What one attempt's failure says about the next.</summary>
internal readonly record struct RetryAdvice(RetryMode Mode, TimeSpan Delay = default)
{
    public static RetryAdvice Never => new(RetryMode.Never);

    public static RetryAdvice Backoff => new(RetryMode.Backoff);
}

/// <summary>Whether and when a failed attempt is followed by another.</summary>
internal enum RetryMode
{
    /// <summary>Another attempt would fail the same way.</summary>
    Never,

    /// <summary>At once: what was wrong has been put right in between, such as a token.</summary>
    AtOnce,

    /// <summary>After the schedule's next wait.</summary>
    Backoff,

    /// <summary>After the schedule's next wait, always with jitter, so that two transactions do not collide again.</summary>
    JitteredBackoff,

    /// <summary>After the schedule's next wait, but not before the advice's delay.</summary>
    NotBefore,

    /// <summary>After exactly the advice's delay.</summary>
    After,
}
