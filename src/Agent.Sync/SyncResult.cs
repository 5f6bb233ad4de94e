namespace Agent.Sync;

/// <summary>What a run did. Immutable data.</summary>
public sealed record SyncResult
{
    /// <summary>Gets how the run ended: the outcome of the dataset that stopped it, else <see cref="SyncOutcome.Completed"/>.</summary>
    public required SyncOutcome Outcome { get; init; }

    /// <summary>Gets the weakest grade of all datasets.</summary>
    public required CompletenessGrade Grade { get; init; }

    /// <summary>Gets a value indicating whether the counts are of a run that would be: <see cref="SyncRequest.DryRun"/> was set, and nothing was written.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Gets one result per dataset, in the order in which they ran. A dataset that was not reached is missing.</summary>
    public required IReadOnlyList<DatasetResult> Datasets { get; init; }

    /// <summary>Gets the time from the call to the result.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Gets the process's highest working set during the run, in bytes.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>Gets the earliest <see cref="DatasetResult.AsOf"/> of <see cref="Datasets"/>; null when one of them has none.</summary>
    public DateTimeOffset? AsOf => Datasets.Any(static dataset => dataset.AsOf is null) ? null : Datasets.Min(static dataset => dataset.AsOf);

    /// <summary>Gets the rows that were inserted or updated locally.</summary>
    public long Applied => Datasets.Sum(static dataset => dataset.Applied);

    /// <summary>Gets the rows that were read again and had not changed.</summary>
    public long Unchanged => Datasets.Sum(static dataset => dataset.Unchanged);

    /// <summary>Gets the local rows that were removed because the server no longer has the row.</summary>
    public long Deleted => Datasets.Sum(static dataset => dataset.Deleted);

    /// <summary>Gets the local changes that the server applied.</summary>
    public long Pushed => Datasets.Sum(static dataset => dataset.Pushed);

    /// <summary>Gets the conflicts that the policy decided.</summary>
    public long Conflicts => Datasets.Sum(static dataset => dataset.Conflicts);

    /// <summary>Gets the local changes that the server rejected in this run.</summary>
    public long Rejected => Datasets.Sum(static dataset => dataset.Rejected);

    /// <summary>Gets the changes in quarantine, including those of earlier runs.</summary>
    public long Quarantined => Datasets.Sum(static dataset => dataset.Quarantined);

    /// <summary>Returns this result if the run completed, and throws for any other outcome.</summary>
    /// <returns>This result.</returns>
    /// <exception cref="SyncIncompleteException">The outcome is not <see cref="SyncOutcome.Completed"/>; the message says what to do, and <see cref="SyncIncompleteException.Result"/> is this result.</exception>
    public SyncResult EnsureCompleted() => Outcome == SyncOutcome.Completed ? this : throw new SyncIncompleteException(this);

    /// <summary>Returns one line for people, such as <c>Completed (Exact) in 1.5 s. artifacts: 7 applied, 1 pushed</c>.</summary>
    /// <returns>A text without values of rows.</returns>
    public override string ToString() => Datasets is { Count: > 0 }
        ? $"{Outcome} ({Grade}) in {RecordText.Time(Duration)}. {string.Join("; ", Datasets)}"
        : $"{Outcome} ({Grade}) in {RecordText.Time(Duration)}";
}
