namespace Agent.Sync;

/// <summary>The state of one dataset. Immutable data.</summary>
public sealed record DatasetStatus
{
    /// <summary>Gets the dataset's name.</summary>
    public required string Dataset { get; init; }

    /// <summary>Gets the saved phase: not started, in a backfill, or following changes.</summary>
    public required SyncPhase Phase { get; init; }

    /// <summary>Gets the grade of the last run, which is what the saved position promises. <see cref="CompletenessGrade.Overlap"/> before the first run.</summary>
    public CompletenessGrade Grade { get; init; }

    /// <summary>Gets a value indicating whether the backfill under way is a resync over existing rows.</summary>
    public bool IsResync { get; init; }

    /// <summary>Gets the rows that the backfill has applied so far; once it is complete, all of them.</summary>
    public long RowsCompleted { get; init; }

    /// <summary>Gets the time, by the server's clock, before which every committed change is stored locally; null before the first sync is complete, and during a resync.</summary>
    /// <remarks>
    /// A row that was changed again while the run was reading may still be in an earlier state: its latest change is later than this time. In the grade <see cref="CompletenessGrade.Overlap"/> the time is
    /// behind the last run by <see cref="SyncOptions.OverlapLag"/>, transactions that stay open for longer than that are not covered, and neither are deletes that leave nothing to read.
    /// </remarks>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Gets when the checkpoint was last written, by this device's clock; null when there is none.</summary>
    public DateTimeOffset? SavedAt { get; init; }

    /// <summary>Gets how often the checkpoint was written.</summary>
    public long Revision { get; init; }

    /// <summary>Gets the local changes that wait to be pushed.</summary>
    public long Pending { get; init; }

    /// <summary>Gets the local changes in quarantine.</summary>
    public long Quarantined { get; init; }

    /// <summary>Gets the server's rows that the local table refuses; <see cref="ISyncEngine.ReadParkedRowsAsync"/> lists them.</summary>
    public long Parked { get; init; }

    /// <summary>Returns one line for people, such as <c>artifacts: Delta (Overlap), 3 pending</c>.</summary>
    /// <returns>A text without values of rows.</returns>
    public override string ToString()
    {
        var counts = RecordText.Counts((Pending, "pending"), (Quarantined, "quarantined"), (Parked, "parked"));
        return $"{Dataset}: {Phase}{(Phase == SyncPhase.NotStarted ? "" : $" ({Grade})")}{(counts.Length == 0 ? "" : $", {counts}")}";
    }
}
