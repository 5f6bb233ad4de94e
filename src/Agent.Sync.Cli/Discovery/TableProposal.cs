namespace Agent.Sync.Cli.Discovery;

/// <summary>How a table would be synced, and what it lacks.</summary>
/// <param name="Table">The table.</param>
/// <param name="Key">Its key.</param>
/// <param name="UpdatedAt">What orders deltas; null when nothing can, and the table cannot be synced.</param>
/// <param name="Version">The version column, if any.</param>
/// <param name="DeletedAt">The soft-deletion timestamp, if any.</param>
/// <param name="Columns">The columns that would be synced.</param>
/// <param name="Lacks">What should be put right, in words.</param>
internal sealed record TableProposal(
    CatalogTable Table,
    string[] Key,
    string? UpdatedAt,
    string? Version,
    string? DeletedAt,
    IReadOnlyList<CatalogColumn> Columns,
    IReadOnlyList<string> Lacks)
{
    /// <summary>The SQL kit's column, which the engine adds by itself.</summary>
    private const string KitColumn = "sync_seq";

    private static readonly string[] UpdateNames = ["updated_at", "updatedat", "modified_at", "modifiedat", "last_modified", "lastmodified", "changed_at", "updated", "modified"];

    private static readonly string[] VersionNames = ["version", "row_version", "rowversion", "lock_version", "revision", "rev"];

    private static readonly string[] DeleteNames = ["deleted_at", "deletedat", "removed_at", "archived_at"];

    public bool CanSync => Key.Length > 0 && UpdatedAt is not null && IsName(Table.Name);

    public static TableProposal Of(CatalogTable table)
    {
        CatalogColumn[] columns = [.. table.Columns.Where(static column => column.Type is not null && IsName(column.Name) && column.Name != KitColumn)];
        var key = table.Keys.FirstOrDefault(names => names.All(name => columns.Any(column => column.Name == name && column.Type is ColumnType.Text or ColumnType.Uuid or ColumnType.Integer))) ?? [];
        var free = columns.Where(column => !key.Contains(column.Name, StringComparer.Ordinal)).ToArray();
        var updated = Named(free, UpdateNames, ColumnType.Timestamptz);
        TableProposal proposal = new(
            table,
            key,
            updated?.Name,
            Named(free, VersionNames, ColumnType.Integer)?.Name,
            free.FirstOrDefault(column => column is { Type: ColumnType.Timestamptz, IsNotNull: false } && DeleteNames.Contains(column.Name, StringComparer.OrdinalIgnoreCase))?.Name,
            columns,
            []);
        return proposal with { Lacks = [.. proposal.Missing(updated)] };
    }

    private IEnumerable<string> Missing(CatalogColumn? updated)
    {
        if (!IsName(Table.Name))
        {
            yield return "its name has other characters than letters, digits, _ and $: make a view of it";
        }

        if (Key.Length == 0)
        {
            yield return "no key: it needs a primary key of text, uuid or integer columns";
        }

        if (updated is null)
        {
            yield return "no update timestamp: it needs a column such as updated_at timestamptz not null default now()";
        }
        else
        {
            if (!updated.IsNotNull)
            {
                yield return $"{updated.Name} may be null: such rows are never pulled by a delta";
            }

            if (!Table.Stamps.Any(text => text.Contains(updated.Name, StringComparison.OrdinalIgnoreCase)))
            {
                yield return $"no trigger moves {updated.Name} on an update: changes would be missed";
            }

            if (Key.Length > 0 && !Table.Indexes.Any(index => index.Take(Key.Length + 1).SequenceEqual([updated.Name, .. Key], StringComparer.Ordinal)))
            {
                yield return $"no index on ({string.Join(", ", [updated.Name, .. Key])}), the order of deltas";
            }
        }

        if (!Table.HasRowSecurity)
        {
            yield return "row-level security is off: whoever may select sees every row";
        }
        else if (Table.Policies == 0)
        {
            yield return "no policy for select: nobody sees a row";
        }

        if (Table.IsReadable == false)
        {
            yield return "signed-in users (role authenticated) may not select";
        }

        foreach (var column in Table.Columns.Where(static column => column.Type is null || !IsName(column.Name)))
        {
            yield return column.Type is null ? $"column {column.Name} is left out: the engine does not know the type {column.DatabaseType}" : $"column {column.Name} is left out: its name has other characters than letters, digits, _ and $";
        }
    }

    private static CatalogColumn? Named(CatalogColumn[] columns, string[] names, ColumnType type) =>
        names.Select(name => columns.FirstOrDefault(column => column.Type == type && string.Equals(column.Name, name, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(static column => column is not null);

    private static bool IsName(string name) => name.Length <= 63 && !char.IsAsciiDigit(name[0]) && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '$');
}
