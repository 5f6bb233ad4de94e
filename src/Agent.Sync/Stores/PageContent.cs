namespace Agent.Sync.Stores;

/// <summary>What the pages of a batch hold.</summary>
public enum PageContent
{
    /// <summary>Rows of the dataset.</summary>
    Rows,

    /// <summary>
    /// Tombstones: the key's columns and the sequence column. A local row is removed unless its own value in the sequence column is
    /// equal or higher. A row with a local change stays, and the store records for the change that the server's row is gone.
    /// </summary>
    Tombstones,
}
