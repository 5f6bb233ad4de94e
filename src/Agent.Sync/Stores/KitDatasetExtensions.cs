namespace Agent.Sync.Stores;

/// <summary>The datasets that the engine hands to a store where the SQL kit is in use, for the tests of a store.</summary>
public static class KitDatasetExtensions
{
    /// <summary>Returns the dataset as the engine hands it to a store where the SQL kit is in use.</summary>
    /// <param name="dataset">The dataset as the app declares it.</param>
    /// <returns>The dataset with the kit's sequence column, which takes the place of its update timestamp and its version. Every other column stays.</returns>
    public static Dataset Sequenced(this Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return dataset.WithSequence();
    }

    /// <summary>Returns the dataset of the tombstones that belong to a dataset, as the engine hands it to a store with <see cref="PageContent.Tombstones"/>.</summary>
    /// <param name="dataset">A dataset that <see cref="Sequenced"/> returned.</param>
    /// <param name="schema">The schema that holds the tombstones: an identifier.</param>
    /// <param name="table">Their table: an identifier.</param>
    /// <returns>The key's columns and the sequence column.</returns>
    /// <exception cref="ArgumentException">A name is not an identifier.</exception>
    public static Dataset Tombstones(this Dataset dataset, string schema, string table)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        Identifier.Require(schema, nameof(schema));
        Identifier.Require(table, nameof(table));
        return dataset.WithTombstones(schema, table, remoteColumns: null);
    }
}
