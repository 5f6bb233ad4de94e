namespace Agent.Sync;

/// <summary>The state of every dataset, read from the stores without a request to the server.</summary>
/// <param name="Datasets">One entry per configured dataset, in order.</param>
public sealed record SyncStatus(IReadOnlyList<DatasetStatus> Datasets)
{
    /// <summary>Gets what the runs of this engine wait for that are under way; empty when there are none. Of other processes nothing is known.</summary>
    public IReadOnlyList<RunStatus> Runs { get; init; } = [];

    /// <summary>Gets the earliest <see cref="DatasetStatus.AsOf"/> of all datasets; null when one of them has none.</summary>
    public DateTimeOffset? AsOf => Datasets.Any(static dataset => dataset.AsOf is null) ? null : Datasets.Min(static dataset => dataset.AsOf);

    /// <summary>Returns one line for people: every dataset's.</summary>
    /// <returns>A text without values of rows.</returns>
    public override string ToString() => string.Join("; ", Datasets);
}
