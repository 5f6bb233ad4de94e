namespace Agent.Sync.Checkpoints;

/// <summary>What a checkpoint says: how far a dataset is durably stored, and what that statement belongs to.</summary>
/// <remarks><see cref="CheckpointJson"/> writes and reads it.</remarks>
internal sealed record CheckpointState
{
    public required ScopeStamp Scope { get; init; }

    /// <summary>Gets the columns at the time it was written, to tell added columns from removed and retyped ones.</summary>
    public required IReadOnlyList<DatasetColumn> Columns { get; init; }

    /// <summary>Gets the local store that holds the rows.</summary>
    public required Guid StoreId { get; init; }

    public required SyncPhase Phase { get; init; }

    /// <summary>Gets what the positions are worth, and thereby in which column they are. A checkpoint from before there were grades has the overlap grade.</summary>
    public CompletenessGrade Grade { get; init; }

    /// <summary>Gets the history that the positions belong to; null in the overlap grade.</summary>
    public string? Epoch { get; init; }

    /// <summary>Gets the resync under way; null in a first backfill and once the swap is done.</summary>
    public long? Generation { get; init; }

    /// <summary>Gets where the delta after the backfill starts, taken before the backfill's first row; null before its first page.</summary>
    public string? Mark { get; init; }

    /// <summary>Gets the parts of the backfill that are still to be read. Empty in the delta.</summary>
    public required IReadOnlyList<KeyRange> Ranges { get; init; }

    /// <summary>Gets the safe position of the delta, behind which nothing can appear any more; null in the backfill.</summary>
    public CursorPosition? SafePosition { get; init; }

    /// <summary>Gets the safe position of the tombstones; null in the backfill and in the overlap grade.</summary>
    public CursorPosition? SafeTombstonePosition { get; init; }

    /// <summary>Gets the server's time when the last complete delta read its horizon; null in the overlap grade, whose position is a time itself.</summary>
    public DateTimeOffset? SafeAt { get; init; }

    /// <summary>Gets what was known at the start of a resync that looks for unrecorded edits; null in any other phase.</summary>
    public KnownRows? Reconciles { get; init; }

    /// <summary>Gets which of the local store's demands to read everything again the last resync met; null when there was none.</summary>
    public long? Reread { get; init; }

    /// <summary>Gets the rows that the backfill has applied.</summary>
    public long RowsCompleted { get; init; }

    public DateTimeOffset SavedAt { get; init; }

    /// <summary>Gets the server's time before which every committed change is stored; null where nothing is certain.</summary>
    /// <remarks>
    /// During a resync the rows are a mixture. A place in the kit's sequence is not a time, so the time at which the horizon was read is kept beside it: every page was read later, and what was committed by then
    /// was visible to each of them. In the overlap grade it is the position, because an answer's <c>Date</c> may be later than the moment that its rows were read at.
    /// </remarks>
    public DateTimeOffset? AsOf => this switch
    {
        { Generation: not null } => null,
        { Grade: CompletenessGrade.Exact } => SafeAt,
        { SafePosition.CursorValue: { } value } when TimestampText.TryParse(value, out var microseconds)
            && microseconds is > long.MinValue and < long.MaxValue => DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds),
        _ => null,
    };
}

/// <summary>A part of a backfill: the keys above <paramref name="From"/> up to and including <paramref name="To"/>. The parts do not overlap.</summary>
/// <param name="From">Exclusive; null from the start. With fewer values than the key has columns, the keys that begin with them are excluded too.</param>
/// <param name="To">Inclusive; null to the end. With fewer values than the key has columns, the keys that begin with them are included too.</param>
/// <param name="Position">The last key applied; null before the first.</param>
/// <param name="Done">Whether the range's end was reached: it is not read again. What is written today leaves such ranges out.</param>
internal sealed record KeyRange(
    IReadOnlyList<string>? From,
    IReadOnlyList<string>? To,
    IReadOnlyList<string>? Position,
    bool Done)
{
    public static KeyRange Everything { get; } = new(null, null, null, Done: false);

    /// <summary>Gets the keys after which it goes on; null from the start.</summary>
    public IReadOnlyList<string>? After => Position ?? From;

    // A record would print its values, and a key's values come from a row.
    public override string ToString() => nameof(KeyRange);
}

/// <summary>Which of the server's rows the local store certainly had when unrecorded edits were noticed: kept for as long as these are looked for.</summary>
/// <param name="Column">The column that orders them; null when nothing is certain.</param>
/// <param name="Below">Rows with a lower value in that column were stored; null when nothing is certain.</param>
internal sealed record KnownRows(string? Column, string? Below)
{
    public static KnownRows None { get; } = new(null, null);
}
