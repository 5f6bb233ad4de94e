namespace Agent.Sync;

/// <summary>What a verify found, and what it repaired: kinds and counts, never values. Immutable data. The counts include those of the calls that this one continued.</summary>
public sealed record VerifyResult
{
    /// <summary>Gets the dataset's name.</summary>
    public required string Dataset { get; init; }

    /// <summary>Gets how the verify ended.</summary>
    public required VerifyOutcome Outcome { get; init; }

    /// <summary>Gets why a resync is needed; <see cref="ResyncReason.None"/> unless the outcome is <see cref="VerifyOutcome.ResyncRequired"/>.</summary>
    public ResyncReason ResyncReason { get; init; }

    /// <summary>Gets the grade of what it was compared with: <see cref="CompletenessGrade.Exact"/> with the SQL kit's sequence, else by the update timestamp.</summary>
    public required CompletenessGrade Grade { get; init; }

    /// <summary>Gets the rows of the server that were compared.</summary>
    public long Compared { get; init; }

    /// <summary>Gets the rows of the server that the local table lacked although a sync had passed them.</summary>
    public long Missing { get; init; }

    /// <summary>Gets the local rows whose version, or with <see cref="VerifyOptions.CompareValues"/> whose content, was another one although a sync had passed them.</summary>
    public long Stale { get; init; }

    /// <summary>Gets the local rows that the server does not show this user, and that no tombstone accounts for.</summary>
    public long Extra { get; init; }

    /// <summary>Gets the rows that the server changed or deleted since the last sync. That is no fault: the next sync, or a repair, brings them.</summary>
    public long Newer { get; init; }

    /// <summary>Gets the rows that were not compared because a local edit of them is kept whose server row is not known locally.</summary>
    public long LeftOut { get; init; }

    /// <summary>Gets the rows of the server without a value in the column by which changes are found: a sync never brings them. Make the column NOT NULL.</summary>
    public long WithoutPosition { get; init; }

    /// <summary>Gets the groups of rows that were compared by count and hash; 0 where keys were compared one by one.</summary>
    public long Buckets { get; init; }

    /// <summary>Gets the groups that differed, and whose rows were compared one by one.</summary>
    public long BucketsDiffered { get; init; }

    /// <summary>Gets the rows that were brought or replaced locally.</summary>
    public long Restored { get; init; }

    /// <summary>Gets the local rows that were removed.</summary>
    public long Removed { get; init; }

    /// <summary>Gets the columns that <see cref="VerifyOptions.CompareValues"/> left out because the server and the device write their types differently; empty when none.</summary>
    public IReadOnlyList<string> ColumnsLeftOut { get; init; } = [];

    /// <summary>Gets the HTTP requests of this call, retries included.</summary>
    public long Requests { get; init; }

    /// <summary>Gets the bytes of JSON received in this call, after decompression.</summary>
    public long Bytes { get; init; }

    /// <summary>Gets the time that this call took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Gets a value indicating whether the verify is complete and found no row missing, stale or extra, and none without a position.</summary>
    public bool IsClean => Outcome == VerifyOutcome.Completed && Missing + Stale + Extra + WithoutPosition == 0;

    /// <summary>Returns one line for people, such as <c>artifacts: 1,000,000 compared, 1 stale, 1 restored</c>.</summary>
    /// <returns>A text without values of rows.</returns>
    public override string ToString()
    {
        var ending = Outcome switch
        {
            VerifyOutcome.Completed => "",
            VerifyOutcome.ResyncRequired => $" ({Outcome}: {ResyncReason})",
            _ => $" ({Outcome})",
        };
        var counts = RecordText.Counts(
            (Compared, "compared"),
            (Missing, "missing"),
            (Stale, "stale"),
            (Extra, "extra"),
            (Newer, "newer"),
            (LeftOut, "left out"),
            (WithoutPosition, "without a position"),
            (Restored, "restored"),
            (Removed, "removed"));
        return $"{Dataset}{ending}: {(counts.Length == 0 ? "nothing compared" : counts)}";
    }
}
