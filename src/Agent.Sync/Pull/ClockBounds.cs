using Agent.Sync.Checkpoints;

namespace Agent.Sync.Pull;

/// <summary>The bounds of the overlap grade: the server's clock at the pass's first answer, and the overlap lag before it.</summary>
/// <remarks>
/// A transaction stamps its rows when it starts and shows them when it commits. So the durable cursor stays the lag
/// behind, and the next pass reads again from there.
/// </remarks>
internal sealed class ClockBounds(Dataset dataset, TimeSpan overlapLag) : PassBounds
{
    // PostgREST writes Date in whole seconds, rounded down, and keeps it for a second: it is up to 1.8 s behind (measured). What was
    // written meanwhile is not from the future.
    private static readonly TimeSpan DateIsBehind = TimeSpan.FromSeconds(2);

    private DateTimeOffset? _now;

    public override void See(PulledPage page)
    {
        if (_now is not null)
        {
            return;
        }

        var now = ServerClock.Require(dataset, page);
        _now = now;
        Ceiling = TimestampText.ToMicroseconds(now + DateIsBehind);
        Settled = TimestampText.ToMicroseconds(now - overlapLag);
        SettledText = TimestampText.Format(now - overlapLag);
    }

    public override bool IsAhead(long position, PulledPage page) =>
        page.ServerTime is not null && position > TimestampText.ToMicroseconds(ServerClock.Require(dataset, page) + DateIsBehind);

    public override TimeSpan AgeOf(CheckpointState state) =>
        _now is { } now && TimestampText.TryParse(state.Settled!.CursorValue!, out var settled)
            ? TimeSpan.FromMicroseconds(TimestampText.ToMicroseconds(now) - settled)
            : TimeSpan.Zero;
}
