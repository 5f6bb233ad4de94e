using Agent.Sync.Checkpoints;

namespace Agent.Sync.Pull;

/// <summary>What changed, in cursor order, up to a ceiling and one page above it.</summary>
/// <remarks>
/// A transaction stamps its rows when it starts and shows them when it commits. So the durable cursor stays the overlap
/// lag behind the server's time at the pass's first answer, and the next pass reads again from there.
/// </remarks>
internal sealed class DeltaPass(Dataset dataset, CheckpointState start, TimeSpan overlapLag) : IPullPass
{
    private long _ceiling;
    private DateTimeOffset? _serverTime;

    public PageOrder Order => PageOrder.Cursor;

    public SyncPhase Phase => SyncPhase.Delta;

    public CursorPosition? Start { get; } = start.Settled;

    /// <summary>Gets a value indicating whether the page above the ceiling was full.</summary>
    public bool MoreAboveCeiling { get; private set; }

    /// <summary>Gets the server's time at the pass's first answer; null before it.</summary>
    public DateTimeOffset? ServerTime => _serverTime;

    public bool Accept(PulledPage page)
    {
        if (_serverTime is null)
        {
            _serverTime = ServerClock.Require(dataset, page);
            _ceiling = TimestampText.ToMicroseconds(_serverTime.Value);
        }

        if (page.Last is null)
        {
            return true;
        }

        if (CursorOf(page.Page, 0) <= _ceiling)
        {
            return false;
        }

        // This page lies above the ceiling as a whole: applied, since it is committed data, and the last one.
        MoreAboveCeiling = page.IsFull;
        return true;
    }

    public CheckpointState Advance(CheckpointState state, PageGroup group)
    {
        var settled = TimestampText.ToMicroseconds(_serverTime!.Value - overlapLag);
        var next = PositionAtMost(settled, group);
        return IsAfter(next, state.Settled!) ? state with { Settled = next } : state;
    }

    private CursorPosition PositionAtMost(long settled, PageGroup group)
    {
        // Only the group itself says whether the end was reached: the next group is gathered while this one is applied.
        if (group.Pages[^1].Last is { } last && Microseconds(last) < settled)
        {
            return last;
        }

        return CursorPosition.AtOrAfter(TimestampText.Format(_serverTime!.Value - overlapLag));
    }

    /// <summary>Compares by time alone where that decides; the key decides only between positions of one pass, which rise.</summary>
    private static bool IsAfter(CursorPosition position, CursorPosition other)
    {
        var difference = Microseconds(position).CompareTo(Microseconds(other));
        return difference > 0 || (difference == 0 && !position.IsLowerBound);
    }

    private static long Microseconds(CursorPosition position) =>
        TimestampText.TryParse(position.CursorValue!, out var microseconds) ? microseconds : long.MinValue;

    private long CursorOf(Page page, int row) =>
        TimestampText.TryParse(page.GetCell(row, dataset.CursorOrdinal).Utf8, out var microseconds) ? microseconds : long.MinValue;
}
