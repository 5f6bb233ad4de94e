using Agent.Sync.Checkpoints;

namespace Agent.Sync.Pull;

/// <summary>The bounds of the overlap grade: the server's clock at the pass's first answer, and the overlap lag before it.</summary>
/// <remarks>
/// A transaction stamps its rows when it starts and shows them when it commits. So the durable position stays behind by the lag, and the next pass
/// reads again from there. The time is the answer's own, never the local clock, which may be wrong by hours.
/// </remarks>
internal sealed class ServerClockBounds(Dataset dataset, TimeSpan overlapLag) : PassBounds
{
    // A year outside these cannot be the present: the bounds cannot be computed from it, and times near it are not even valid dates.
    private const int FirstYear = 1990;
    private const int LastYear = 9000;

    // PostgREST writes Date in whole seconds, rounded down, and keeps it for a second: it is up to 1.8 s behind (measured). Rows that were
    // written meanwhile are not from the future.
    private static readonly TimeSpan DateIsBehind = TimeSpan.FromSeconds(2);

    private DateTimeOffset? _now;

    public override void SetFrom(PulledPage page)
    {
        if (_now is not null)
        {
            return;
        }

        var now = RequireTime(page);
        _now = now;
        Ceiling = TimestampText.ToMicroseconds(now + DateIsBehind);
        Safe = TimestampText.ToMicroseconds(now - overlapLag);
        SafeText = TimestampText.Format(now - overlapLag);
    }

    public override bool IsAhead(long position, PulledPage page) =>
        page.ServerTime is not null && position > TimestampText.ToMicroseconds(RequireTime(page) + DateIsBehind);

    public override TimeSpan AgeOf(CheckpointState state) =>
        _now is { } now && TimestampText.TryParse(state.SafePosition!.CursorValue!, out var safe)
            ? TimeSpan.FromMicroseconds(TimestampText.ToMicroseconds(now) - safe)
            : TimeSpan.Zero;

    /// <exception cref="SyncProtocolException">The answer has no time, or one that cannot be the present.</exception>
    private DateTimeOffset RequireTime(PulledPage page) => page.ServerTime switch
    {
        null => throw Failure("has no Date header that can be read (RFC 9110, 6.6.1), and the device's clock is not trusted instead. Check for a proxy that removes or rewrites it."),
        { Year: < FirstYear or > LastYear } => throw Failure("has a Date header whose year cannot be the present (RFC 9110, 6.6.1), and the device's clock is not trusted instead. Correct the clock of the server, or of the proxy that writes the header."),
        { } time => time,
    };

    private SyncProtocolException Failure(string what) =>
        new(SyncErrorKind.UnexpectedResponse, $"The answer for dataset '{dataset.Name}' {what}", dataset.Name);
}
