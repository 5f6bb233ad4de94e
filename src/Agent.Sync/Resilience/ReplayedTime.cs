namespace Agent.Sync.Resilience;

/// <summary>The given time, but for the moments in which something of the past is told.</summary>
internal sealed class ReplayedTime(TimeProvider time) : TimeProvider
{
    /// <summary>Gets or sets the time that is told of; null for now.</summary>
    public DateTimeOffset? Past { get; set; }

    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

    public override long TimestampFrequency => time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => Past ?? time.GetUtcNow();

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);
}
