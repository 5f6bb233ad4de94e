namespace Agent.Sync.Resilience;

/// <summary>Gives every user of the process a token bucket of its own, so that one user's limit never holds up another.</summary>
/// <remarks>Safe for concurrent use; engines that share an instance share their users' buckets.</remarks>
internal sealed class UserRateLimiter(RateLimitOptions options, TimeProvider time)
{
    public const int MaxBuckets = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, UserBucket> _buckets = new(StringComparer.Ordinal);
    private readonly double _rate = options.RequestsPerSecond;
    private readonly int _burst = options.Burst;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _buckets.Count;
            }
        }
    }

    /// <summary>Takes one request from the user's bucket, in the order of asking.</summary>
    /// <returns>How long that took.</returns>
    public ValueTask<TimeSpan> AcquireAsync(string user, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<TimeSpan>(cancellationToken)
            : Find(user).AcquireAsync(cancellationToken);

    /// <summary>Halves the user's rate after a 429; it recovers slowly.</summary>
    /// <returns>The new rate per second; null when it was halved a moment ago for the same burst.</returns>
    public double? Slow(string user) => Find(user).Slow();

    private UserBucket Find(string user)
    {
        lock (_gate)
        {
            if (_buckets.TryGetValue(user, out var bucket))
            {
                return bucket;
            }

            if (_buckets.Count >= MaxBuckets)
            {
                Evict();
            }

            return _buckets[user] = new UserBucket(_rate, _burst, time);
        }
    }

    private void Evict()
    {
        string? oldest = null;
        var oldestUse = long.MaxValue;
        foreach (var (user, bucket) in _buckets)
        {
            switch (bucket.LastUse())
            {
                // A full bucket at full speed is as good as a new one. Removing does not disturb the enumeration.
                case null:
                    _buckets.Remove(user);
                    break;
                case { } use when use < oldestUse:
                    (oldest, oldestUse) = (user, use);
                    break;
            }
        }

        // A bucket that callers wait in is never evicted; there are at most as many of those as requests under way.
        if (_buckets.Count >= MaxBuckets && oldest is not null)
        {
            _buckets.Remove(oldest);
        }
    }
}
