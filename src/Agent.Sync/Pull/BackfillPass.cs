using Agent.Sync.Checkpoints;

namespace Agent.Sync.Pull;

/// <summary>Everything, in the key order of one range or several. Key positions need no lag, so an interrupted backfill resumes exactly.</summary>
internal sealed class BackfillPass(Dataset dataset, CheckpointState start, PassBounds bounds) : IPullPass
{
    private readonly ColumnType _cursorType = dataset.Columns[dataset.CursorOrdinal].Type;
    private string? _mark = start.Mark;
    private bool _knowsNothing;

    public Dataset Dataset => dataset;

    public PageContent Content => PageContent.Rows;

    public SyncPhase Phase => SyncPhase.Backfill;

    // What a resync does not see is guarded at its end.
    public bool MayRemove => false;

    public IReadOnlyList<KeyRange>? Ranges => start.Ranges;

    public CursorPosition? Start => null;

    /// <summary>Gets a value indicating whether the mark turned out to be ahead of the server's present.</summary>
    public bool PositionIsAhead { get; private set; }

    public bool EndsAfter(PulledPage page)
    {
        if (_mark is null)
        {
            // What is written later than this belongs to the delta.
            bounds.SetFrom(page);
            _mark = bounds.SafeText;
        }

        // A row that was never delivered, because the position was ahead, was not deleted locally.
        _knowsNothing |= start.Reconciles?.Below is { } below && IsAhead(below, page);
        PositionIsAhead |= IsAhead(_mark, page);
        return page.Unread.Count == 0 || PositionIsAhead;
    }

    public CheckpointState Advance(CheckpointState state, PageGroup group)
    {
        if (PositionIsAhead)
        {
            return state;
        }

        if (_knowsNothing)
        {
            state = state with { Reconciles = KnownRows.None };
        }

        var rows = state.RowsCompleted + group.Rows;
        if (group.EndsPass)
        {
            var safe = CursorPosition.AtOrAfter(_mark!);
            return state with
            {
                Phase = SyncPhase.Delta,
                Mark = _mark,
                Ranges = [],
                SafePosition = safe,
                SafeTombstonePosition = state.Grade == CompletenessGrade.Exact ? safe : null,
                RowsCompleted = rows,
            };
        }

        return state with
        {
            Mark = _mark,
            Ranges = group.Pages[^1].Unread,
            RowsCompleted = rows,
        };
    }

    private bool IsAhead(string position, PulledPage page) =>
        CursorNumber.TryParse(_cursorType, position, out var number) && bounds.IsAhead(number, page);
}
