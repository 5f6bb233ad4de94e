namespace Agent.Sync.Configuration;

/// <summary>The ranges of the options, in one place for the attributes, the rules and the environment variables.</summary>
internal static class OptionLimits
{
    public const int MinPageSize = 1;
    public const int MaxPageSize = 1_000;
    public const int MinPullRequests = 1;
    public const int MaxPullRequests = 16;
    public const int MinCommitRows = 1;
    public const int MaxCommitRows = 1_000_000;
    public const int MinCommitBytes = 1;
    public const int MaxCommitBytes = 256 * 1024 * 1024;
    public const int MinPushRows = 1;
    public const int MaxPushRows = 5_000;
    public const int MinPushBytes = 1024;
    public const int MaxPushBytes = 64 * 1024 * 1024;
    public const int MinPushRequests = 1;
    public const int MaxPushRequests = 16;
    public const long MinMemory = 16 * 1024 * 1024;
    public const int MinPageBytes = 64 * 1024;
    public const int MaxPageBytes = (256 * 1024 * 1024) - 1;
    public const int MinJsonDepth = 4;
    public const int MaxJsonDepth = 1_000;
    public const int MaxRetries = 10;
    public const double MaxRequestsPerSecond = 100_000;
    public const int MinBurst = 1;
    public const int MaxBurst = 10_000;
    public const int MinBreakerAttempts = 2;
    public const int MaxBreakerAttempts = 1_000;

    public static TimeRange CommitInterval { get; } = new(TimeSpan.Zero, TimeSpan.FromMinutes(1));

    public static TimeRange OverlapLag { get; } = new(TimeSpan.Zero, TimeSpan.FromHours(24));

    public static TimeRange StallTimeout { get; } = new(TimeSpan.Zero, TimeSpan.FromHours(24));

    public static TimeRange RetryDelay { get; } = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));

    public static TimeRange RetryAfter { get; } = new(TimeSpan.Zero, TimeSpan.FromHours(1));

    public static TimeRange AttemptTimeout { get; } = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10));

    public static TimeRange RequestTimeout { get; } = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));

    public static TimeRange BreakerWindow { get; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));

    public static TimeRange BreakDuration { get; } = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(10));
}
