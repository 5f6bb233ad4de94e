using Agent.Sync.Checkpoints;

namespace Agent.Sync.Pull;

/// <summary>Everything, in key order. Key positions need no lag, so an interrupted backfill resumes exactly.</summary>
internal sealed class BackfillPass(Dataset dataset, CheckpointState start, TimeSpan overlapLag) : IPullPass
{
    private string? _mark = start.Mark;

    public PageOrder Order => PageOrder.Key;

    public SyncPhase Phase => SyncPhase.Backfill;

    public CursorPosition? Start { get; } =
        start.Ranges[0].Position is { } keys ? new CursorPosition(PageOrder.Key, null, keys) : null;

    public bool Accept(PulledPage page)
    {
        // The mark is the first answer's time: whatever is written later is the delta's.
        _mark ??= TimestampText.Format(ServerClock.Require(dataset, page) - overlapLag);
        return page.Last is null;
    }

    public CheckpointState Advance(CheckpointState state, PageGroup group)
    {
        var rows = state.RowsCompleted + group.Rows;
        if (group.EndsPass)
        {
            return state with
            {
                Phase = SyncPhase.Delta,
                Mark = _mark,
                Ranges = [],
                Settled = CursorPosition.AtOrAfter(_mark!),
                RowsCompleted = rows,
            };
        }

        return state with
        {
            Mark = _mark,
            Ranges = [state.Ranges[0] with { Position = group.Pages[^1].Last!.KeyValues }],
            RowsCompleted = rows,
        };
    }
}
