using System.Text.Json.Serialization;

namespace Agent.Sync.Checkpoints;

/// <summary>What a checkpoint says: how far a dataset is durably here, and what that statement belongs to.</summary>
internal sealed record CheckpointState
{
    public required ScopeStamp Scope { get; init; }

    /// <summary>Gets the columns when it was written, to tell added from removed and retyped ones.</summary>
    public required IReadOnlyList<DatasetColumn> Columns { get; init; }

    /// <summary>Gets the local store that holds the rows.</summary>
    public required Guid StoreId { get; init; }

    public required SyncPhase Phase { get; init; }

    /// <summary>Gets what the positions are worth, and so in which column they are. A checkpoint from before there were grades is an overlapping one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public CompletenessGrade Grade { get; init; }

    /// <summary>Gets the history that the positions belong to; null in the overlap grade.</summary>
    public string? Epoch { get; init; }

    /// <summary>Gets the resync under way; null in a first backfill and once the swap is done.</summary>
    public long? Generation { get; init; }

    /// <summary>Gets where the delta after the backfill starts, taken before the backfill's first row; null before its first page.</summary>
    public string? Mark { get; init; }

    /// <summary>Gets the backfill's parts. Empty in the delta.</summary>
    public required IReadOnlyList<KeyRange> Ranges { get; init; }

    /// <summary>Gets the durable cursor of the delta; null in the backfill.</summary>
    public CursorPosition? Settled { get; init; }

    /// <summary>Gets the durable cursor of the tombstones; null in the backfill and in the overlap grade.</summary>
    public CursorPosition? TombstonesSettled { get; init; }

    /// <summary>Gets the server's time when the last delta that is complete read its horizon; null in the overlap grade, whose cursor is a time itself.</summary>
    public DateTimeOffset? SettledAt { get; init; }

    /// <summary>Gets what was known when a resync began that looks for unrecorded edits; null in any other phase.</summary>
    public KnownRows? Reconciles { get; init; }

    /// <summary>Gets which of the local store's demands to read everything again the last resync meets; null when there was none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Reread { get; init; }

    /// <summary>Gets the rows that the backfill has applied.</summary>
    public long RowsCompleted { get; init; }

    public DateTimeOffset SavedAt { get; init; }
}
