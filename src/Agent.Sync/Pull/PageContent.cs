namespace Agent.Sync.Pull;

/// <summary>What the pages of a pass hold: rows of the dataset, or the tombstones of rows that are gone.</summary>
internal enum PageContent
{
    Rows,
    Tombstones,
}
