namespace Agent.Sync;

/// <summary>What a run did to one dataset. Immutable data.</summary>
public sealed record DatasetResult
{
    /// <summary>Gets the dataset's name.</summary>
    public required string Dataset { get; init; }

    /// <summary>Gets how the dataset's sync ended.</summary>
    public required SyncOutcome Outcome { get; init; }

    /// <summary>Gets how complete the local rows are now.</summary>
    public required CompletenessGrade Grade { get; init; }

    /// <summary>Gets why a resync is needed; <see cref="ResyncReason.None"/> unless the outcome is <see cref="SyncOutcome.ResyncRequired"/>.</summary>
    public ResyncReason ResyncReason { get; init; }

    /// <summary>Gets the time, by the server's clock, before which every committed change is stored locally, as <see cref="DatasetStatus.AsOf"/>; null in a run that did not pull the dataset, or not to the end of its first sync.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Gets the rows inserted or updated locally.</summary>
    public long Applied { get; init; }

    /// <summary>Gets a value indicating whether, in a dry run, <see cref="Applied"/> and <see cref="Deleted"/> are the server's counts of rows, as <see cref="SyncOptions.TotalCount"/> counts, instead of a comparison with the local rows. Always false in a run that writes.</summary>
    public bool IsEstimate { get; init; }

    /// <summary>Gets the rows that were read again and had not changed.</summary>
    public long Unchanged { get; init; }

    /// <summary>Gets the local rows removed: soft-deleted on the server, or no longer on the server in a resync.</summary>
    public long Deleted { get; init; }

    /// <summary>Gets the local changes that the server applied.</summary>
    public long Pushed { get; init; }

    /// <summary>Gets the conflicts that the policy decided.</summary>
    public long Conflicts { get; init; }

    /// <summary>Gets the local changes that the server rejected in this run.</summary>
    public long Rejected { get; init; }

    /// <summary>Gets the local changes that still wait: made during the run, or deferred.</summary>
    public long Pending { get; init; }

    /// <summary>Gets the changes in quarantine, including those of earlier runs.</summary>
    public long Quarantined { get; init; }

    /// <summary>Gets the server's rows that the local table refuses, including those of earlier runs; <see cref="ISyncEngine.ReadParkedRowsAsync"/> lists them.</summary>
    public long Parked { get; init; }

    /// <summary>Gets since when a transaction on the server has held the horizon back, by the server's clock; null when no transaction does, or without the SQL kit.</summary>
    public DateTimeOffset? HorizonHeldSince { get; init; }

    /// <summary>Gets the pages read, including the empty ones that end a pass.</summary>
    public long Pages { get; init; }

    /// <summary>Gets the HTTP requests sent, including retries.</summary>
    public long Requests { get; init; }

    /// <summary>Gets the requests that were sent again after a failure.</summary>
    public long Retries { get; init; }

    /// <summary>Gets the bytes of JSON received, after decompression.</summary>
    public long Bytes { get; init; }

    /// <summary>Gets a value indicating whether a full page of rows lay above the run's ceiling, so that there may be more: run again soon.</summary>
    public bool HasMore { get; init; }

    /// <summary>Gets the time this dataset took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Returns one line for people, such as <c>artifacts: 7 applied, 1 pushed</c>.</summary>
    /// <returns>A text without values of rows.</returns>
    public override string ToString()
    {
        var ending = Outcome switch
        {
            SyncOutcome.Completed => "",
            SyncOutcome.ResyncRequired => $" ({Outcome}: {ResyncReason})",
            _ => $" ({Outcome})",
        };
        var counts = RecordText.Counts(
            (Applied, "applied"),
            (Deleted, "deleted"),
            (Pushed, "pushed"),
            (Conflicts, Conflicts == 1 ? "conflict" : "conflicts"),
            (Rejected, "rejected"),
            (Pending, "pending"),
            (Quarantined, "quarantined"),
            (Parked, "parked"));
        return $"{Dataset}{ending}: {(counts.Length == 0 ? "nothing changed" : counts)}{(HasMore ? ", more to come" : "")}";
    }
}
