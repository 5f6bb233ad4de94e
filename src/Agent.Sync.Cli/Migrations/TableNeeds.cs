using Agent.Sync.Cli.Discovery;

namespace Agent.Sync.Cli.Migrations;

/// <summary>What a migration adds to a configured table.</summary>
/// <param name="Dataset">The table, its key and its columns.</param>
/// <param name="Kinds">What is added. Empty when the kit is enabled, or nothing is missing.</param>
/// <param name="NeedsKit">Whether the SQL kit is to be enabled.</param>
/// <param name="Left">What is missing and no statement adds, in words.</param>
internal sealed record TableNeeds(Dataset Dataset, IReadOnlySet<LackKind> Kinds, bool NeedsKit, IReadOnlyList<string> Left)
{
    private static readonly LackKind[] Mendable = [LackKind.Null, LackKind.Stamp, LackKind.Version, LackKind.Index];

    public bool IsEmpty => Kinds.Count == 0 && !NeedsKit;

    public string[] Key => [.. Dataset.KeyOrdinals.Select(ordinal => Dataset.Columns[ordinal].Name)];

    public string UpdatedAt => Dataset.Columns[Dataset.CursorOrdinal].Name;

    public string? Version => Dataset.VersionOrdinal is { } ordinal ? Dataset.Columns[ordinal].Name : null;

    /// <summary>Without a database: everything, behind a look at what the database has.</summary>
    public static TableNeeds All(Dataset dataset, bool withKit) => new(
        dataset,
        withKit ? new HashSet<LackKind>() : Mendable.Where(kind => kind != LackKind.Version || dataset.VersionOrdinal is not null).ToHashSet(),
        withKit,
        []);

    /// <summary>What the catalog does not have.</summary>
    public static TableNeeds Of(Dataset dataset, Catalog catalog, bool withKit)
    {
        if (catalog.Tables.FirstOrDefault(table => table.Schema == dataset.Schema && table.Name == dataset.RemoteTable) is not { } table)
        {
            return new(dataset, new HashSet<LackKind>(), false, ["it is no table of the database: a view needs nothing itself, but the tables it reads from do"]);
        }

        TableNeeds names = new(dataset, new HashSet<LackKind>(), withKit && !table.HasKit, []);
        Lack[] lacks = [.. TableLacks.Find(table, names.Key, names.UpdatedAt, names.Version)];
        return names with
        {
            Kinds = withKit ? names.Kinds : lacks.Select(static lack => lack.Kind).Intersect(Mendable).ToHashSet(),
            Left = [.. lacks.Where(static lack => lack.Kind == LackKind.Access).Select(static lack => lack.Text)],
        };
    }
}
