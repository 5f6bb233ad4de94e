namespace Agent.Sync.Resilience;

/// <summary>One request through all its attempts. The pipeline drives it; a derived class keeps the answer.</summary>
internal abstract class ResilientRequest
{
    /// <summary>Gets the dataset the request is for, or null.</summary>
    public abstract string? Dataset { get; }

    /// <summary>Gets what the last attempt failed with; null when it succeeded.</summary>
    public SyncException? Failure { get; private set; }

    public RetryAdvice Advice { get; private set; }

    /// <summary>Gets a value indicating whether the last attempt counts against the breaker.</summary>
    public bool Strike { get; private set; }

    /// <summary>Gets or sets how many waits of the schedule have been used up.</summary>
    public int Backoffs { get; set; }

    /// <summary>Runs before each attempt, outside the breaker and the attempt's timeout: tokens and the rate limit.</summary>
    /// <exception cref="SyncException">The request ends here, without a retry.</exception>
    public abstract ValueTask PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Sends one attempt and calls <see cref="Succeed"/> or <see cref="Fail"/>.</summary>
    public abstract ValueTask SendAsync(CancellationToken cancellationToken);

    public void Fail(SyncException failure, RetryAdvice advice, bool strike)
    {
        Failure = failure;
        Advice = advice;
        Strike = strike;
    }

    protected void Succeed()
    {
        Failure = null;
        Advice = RetryAdvice.Never;
        Strike = false;
    }
}
