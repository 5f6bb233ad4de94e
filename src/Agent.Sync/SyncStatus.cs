namespace Agent.Sync;

/// <summary>The state of every dataset, read from the stores without a request to the server.</summary>
/// <param name="Datasets">One entry per configured dataset, in order.</param>
public sealed record SyncStatus(IReadOnlyList<DatasetStatus> Datasets)
{
    /// <summary>Returns one line for people: every dataset's.</summary>
    /// <returns>A text without values of rows.</returns>
    public override string ToString() => string.Join("; ", Datasets);
}
