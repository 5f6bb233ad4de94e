namespace Agent.Sync.ShapeTests.Shapes;

/// <summary>What one seed stands for: the tables, how they are synced, and by how many devices.</summary>
internal sealed record Shape
{
    public required int Seed { get; init; }

    /// <summary>Gets the tables, the parent first.</summary>
    public required IReadOnlyList<ShapeTable> Tables { get; init; }

    /// <summary>Gets whether the server is PostgreSQL behind the local backend rather than the double.</summary>
    public required bool IsPostgreSql { get; init; }

    public required bool Kit { get; init; }

    public required ConflictPolicy Policy { get; init; }

    public required int Devices { get; init; }

    public required int PageSize { get; init; }

    public required int BatchRows { get; init; }

    /// <summary>Gets how many rows the server has before the first device comes.</summary>
    public required int FirstRows { get; init; }

    /// <summary>Gets whether the second device keeps uuids as blobs.</summary>
    public required bool UuidBlobs { get; init; }

    /// <summary>Gets whether apps write into tables of theirs before the first sync.</summary>
    public required bool WritesBeforeFirstSync { get; init; }

    public override string ToString() =>
        $"seed {Seed}: {(IsPostgreSql ? "PostgreSQL" : "double")}, {(Kit ? "kit" : "plain")}, {Policy}, {Devices} devices{(UuidBlobs ? ", uuid blobs on the second" : "")}, page {PageSize}, batch {BatchRows}\n"
        + string.Join("\n", Tables.Select(static table =>
            $"  table {table.Name}{(table.IsIdentity ? " identity" : "")}{(table.MovesCursor ? "" : " whose cursor stands still")}{(table is { MarksDeleted: true, Deleted: not null } ? " whose deleted rows stay" : "")}:\n    {string.Join("\n    ", table.Columns)}"));
}
