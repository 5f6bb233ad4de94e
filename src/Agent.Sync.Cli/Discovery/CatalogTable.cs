namespace Agent.Sync.Cli.Discovery;

/// <summary>A column as the catalog has it. The type is null where the engine does not know PostgreSQL's.</summary>
internal sealed record CatalogColumn(string Name, string DatabaseType, ColumnType? Type, bool IsNotNull, bool IsServerOwned);

/// <summary>A table as the catalog has it.</summary>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="Columns">Its columns, in the table's order.</param>
/// <param name="Keys">Unique sets of columns that are never null, the primary key first.</param>
/// <param name="Indexes">The leading columns of its indexes over all rows.</param>
/// <param name="Parents">Tables of the same schema that its foreign keys lead to.</param>
/// <param name="Stamps">What its triggers before an update say: their functions' text and arguments.</param>
/// <param name="HasRowSecurity">Whether row-level security is on.</param>
/// <param name="Policies">How many policies may let somebody read rows.</param>
/// <param name="IsReadable">Whether signed-in users may select; null where there is no such role.</param>
/// <param name="HasKit">Whether the SQL kit is enabled on it.</param>
internal sealed record CatalogTable(
    string Schema,
    string Name,
    IReadOnlyList<CatalogColumn> Columns,
    IReadOnlyList<string[]> Keys,
    IReadOnlyList<string[]> Indexes,
    IReadOnlyList<string> Parents,
    IReadOnlyList<string> Stamps,
    bool HasRowSecurity,
    long Policies,
    bool? IsReadable,
    bool HasKit = false)
{
    /// <summary>Gets whether it was described by the API: columns and keys are known, and triggers, indexes, policies and grants are not.</summary>
    public bool IsDescription { get; init; }
}
