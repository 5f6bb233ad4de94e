using Agent.Sync.Checkpoints;

namespace Agent.Sync.Pull;

/// <summary>What changed, or what was deleted, in the order of change, up to a ceiling and one page above it. The durable position stays within its bounds.</summary>
internal sealed class DeltaPass(Dataset dataset, PageContent content, CheckpointState start, PassBounds bounds) : IPullPass
{
    private readonly ColumnType _cursorType = dataset.Columns[dataset.CursorOrdinal].Type;

    public Dataset Dataset => dataset;

    public PageContent Content => content;

    public SyncPhase Phase => SyncPhase.Delta;

    public bool MayRemove => content == PageContent.Tombstones || dataset is { DeletedOrdinal: not null, DeleteHandling: DeleteHandling.Remove };

    public IReadOnlyList<KeyRange>? Ranges => null;

    public CursorPosition? Start { get; } = SafePositionOf(start, content);

    /// <summary>Gets a value indicating whether the page above the ceiling was full.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Gets a value indicating whether the position, the old one or the one of this pass, turned out to be ahead of the server's present.</summary>
    public bool PositionIsAhead { get; private set; }

    public bool EndsAfter(PulledPage page)
    {
        bounds.SetFrom(page);
        if (bounds.IsAhead(NumberOf(Start!), page) || bounds.IsAhead(bounds.Safe, page))
        {
            // The page holds committed data and is applied. The position stays as it is: what it has skipped cannot be found from it.
            PositionIsAhead = true;
            return true;
        }

        if (page.Last is null)
        {
            return true;
        }

        if (CursorOf(page.Page, 0) <= bounds.Ceiling)
        {
            return false;
        }

        // This page lies above the ceiling as a whole. It is applied, since it is committed data, and it is the last one.
        HasMore = page.IsFull;
        return true;
    }

    public CheckpointState Advance(CheckpointState state, PageGroup group)
    {
        if (PositionIsAhead)
        {
            return state;
        }

        var next = PositionWithinBounds(group);
        if (content == PageContent.Rows)
        {
            return IsAfter(next, state.SafePosition!) ? state with { SafePosition = next } : state;
        }

        // The tombstones are a delta's last pass: at its end everything up to the bounds' time has been applied.
        return state with
        {
            SafeTombstonePosition = IsAfter(next, state.SafeTombstonePosition!) ? next : state.SafeTombstonePosition,
            SafeAt = group.EndsPass ? bounds.Time : state.SafeAt,
        };
    }

    private static CursorPosition? SafePositionOf(CheckpointState state, PageContent content) =>
        content == PageContent.Rows ? state.SafePosition : state.SafeTombstonePosition;

    private CursorPosition PositionWithinBounds(PageGroup group)
    {
        // Only the group itself says whether the end was reached: the next group is gathered while this one is applied.
        return group.Pages[^1].Last is { } last && NumberOf(last) < bounds.Safe
            ? last
            : CursorPosition.AtOrAfter(bounds.SafeText);
    }

    /// <summary>Compares by the cursor value alone where that decides; the key decides only between positions of one pass, which rise.</summary>
    private bool IsAfter(CursorPosition position, CursorPosition other)
    {
        var difference = NumberOf(position).CompareTo(NumberOf(other));
        return difference > 0 || (difference == 0 && !position.IsLowerBound);
    }

    private long NumberOf(CursorPosition position) =>
        CursorNumber.TryParse(_cursorType, position.CursorValue!, out var number) ? number : long.MinValue;

    private long CursorOf(Page page, int row) =>
        CursorNumber.TryParse(_cursorType, page.GetCell(row, dataset.CursorOrdinal).Utf8, out var number) ? number : long.MinValue;
}
