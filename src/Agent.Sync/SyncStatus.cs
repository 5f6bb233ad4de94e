namespace Agent.Sync;

/// <summary>Where every dataset stands, read from the stores without asking the server.</summary>
/// <param name="Datasets">One entry per configured dataset, in order.</param>
public sealed record SyncStatus(IReadOnlyList<DatasetStatus> Datasets)
{
    /// <summary>Returns one line for people: every dataset's.</summary>
    /// <returns>A text without values of rows.</returns>
    public override string ToString() => string.Join("; ", Datasets);
}
