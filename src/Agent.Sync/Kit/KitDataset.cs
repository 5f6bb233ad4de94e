namespace Agent.Sync.Kit;

/// <summary>A dataset as the SQL kit lets it be read, with what the kit says of it now.</summary>
/// <param name="Declared">The dataset as the app declared it.</param>
/// <param name="Rows">Its rows, in the order of the commit-safe sequence.</param>
/// <param name="Tombstones">The keys that went, in the same order.</param>
/// <param name="Table">The table's history and what is kept of it.</param>
/// <param name="Horizon">How far the sequence is settled.</param>
internal sealed record KitDataset(Dataset Declared, Dataset Rows, Dataset Tombstones, KitTable Table, Horizon Horizon)
{
    /// <summary>Gets why the table must not be synced as it is; null when it may be.</summary>
    public SyncSchemaException? Failure { get; init; }

    /// <summary>Gets a value indicating whether a row that leaves the dataset's filter leaves a tombstone: not when a filter's column was not given to the kit.</summary>
    public bool FollowsFilters => Tombstones.Filters.Count == Declared.Filters.Count;
}
