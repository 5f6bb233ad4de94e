namespace Agent.Sync.Cli.Discovery;

/// <summary>How a table would be synced, and what it lacks.</summary>
/// <param name="Table">The table.</param>
/// <param name="Key">Its key.</param>
/// <param name="UpdatedAt">What orders deltas; null when nothing can, and the table cannot be synced.</param>
/// <param name="Version">The version column, if any.</param>
/// <param name="DeletedAt">The soft-deletion timestamp, if any.</param>
/// <param name="Columns">The columns that would be synced.</param>
/// <param name="Lacks">What should be put right.</param>
internal sealed record TableProposal(
    CatalogTable Table,
    string[] Key,
    string? UpdatedAt,
    string? Version,
    string? DeletedAt,
    IReadOnlyList<CatalogColumn> Columns,
    IReadOnlyList<Lack> Lacks)
{
    /// <summary>The SQL kit's column, which the engine adds by itself.</summary>
    private const string KitColumn = "sync_seq";

    private static readonly string[] UpdateNames = ["updated_at", "updatedat", "modified_at", "modifiedat", "last_modified", "lastmodified", "changed_at", "updated", "modified"];

    private static readonly string[] VersionNames = ["version", "row_version", "rowversion", "lock_version", "revision", "rev"];

    private static readonly string[] DeleteNames = ["deleted_at", "deletedat", "removed_at", "archived_at"];

    public bool CanSync => Key.Length > 0 && UpdatedAt is not null && TableLacks.IsName(Table.Name);

    public static TableProposal Of(CatalogTable table)
    {
        CatalogColumn[] columns = [.. table.Columns.Where(static column => column.Type is not null && TableLacks.IsName(column.Name) && column.Name != KitColumn)];
        var key = table.Keys.FirstOrDefault(names => names.All(name => columns.Any(column => column.Name == name && column.Type is ColumnType.Text or ColumnType.Uuid or ColumnType.Integer))) ?? [];
        var free = columns.Where(column => !key.Contains(column.Name, StringComparer.Ordinal)).ToArray();
        var updated = Named(free, UpdateNames, ColumnType.Timestamptz);
        var version = Named(free, VersionNames, ColumnType.Integer);
        return new TableProposal(
            table,
            key,
            updated?.Name,
            version?.Name,
            free.FirstOrDefault(column => column is { Type: ColumnType.Timestamptz, IsNotNull: false } && DeleteNames.Contains(column.Name, StringComparer.OrdinalIgnoreCase))?.Name,
            columns,
            [.. TableLacks.Find(table, key, updated?.Name, version?.Name)]);
    }

    private static CatalogColumn? Named(CatalogColumn[] columns, string[] names, ColumnType type) =>
        names.Select(name => columns.FirstOrDefault(column => column.Type == type && string.Equals(column.Name, name, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(static column => column is not null);
}
