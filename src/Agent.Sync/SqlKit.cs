using Agent.Sync.Stores;

namespace Agent.Sync;

/// <summary>The SQL kit's migration, as it ships with this version of the library, and the datasets that a store meets where it is in use. Safe for concurrent use.</summary>
/// <remarks>
/// Write it into your project's migrations folder, apply it, then call <c>agent_sync.enable</c> for each table. It can be
/// applied again over an older version. The same text is in the package as <c>sql/agent_sync_kit.sql</c>.
/// </remarks>
public static class SqlKit
{
    private const string ResourceName = "agent_sync_kit.sql";

    /// <summary>Gets the version of the kit that the migration installs, which the server's horizon function reports too.</summary>
    /// <value>A number that rises by one with every change of the kit, from 1.</value>
    public static int Version => 2;

    /// <summary>Returns the migration.</summary>
    /// <returns>SQL of about 130 KB, to be run by the owner of the tables, in one transaction.</returns>
    public static string ReadMigration()
    {
        using StreamReader reader = new(Open());
        return reader.ReadToEnd();
    }

    /// <summary>Writes the migration as UTF-8 without a byte order mark.</summary>
    /// <param name="destination">The stream, such as a file in <c>supabase/migrations</c>. It stays open.</param>
    /// <param name="cancellationToken">Stops the copy; what was written until then stays written.</param>
    /// <returns>A task that ends when everything is written to the stream. The stream is not flushed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="destination"/> is null.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public static async Task CopyToAsync(Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        Stream source = Open();
        await using (source.ConfigureAwait(false))
        {
            await source.CopyToAsync(destination, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Returns the dataset as the engine hands it to a store where the kit is in use, for tests of a store.</summary>
    /// <param name="dataset">The dataset as the app declares it.</param>
    /// <returns>The dataset with the kit's sequence column, which takes the place of its update timestamp and its version. Every other column stays.</returns>
    public static Dataset Sequenced(this Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return dataset.WithSequence();
    }

    /// <summary>Returns the dataset of the tombstones that belong to a dataset, as the engine hands it to a store with <see cref="ApplyBatch.AreTombstones"/>.</summary>
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

    private static Stream Open() => typeof(SqlKit).Assembly.GetManifestResourceStream(ResourceName)
        ?? throw new InvalidOperationException($"The resource {ResourceName} is missing from the assembly.");
}
