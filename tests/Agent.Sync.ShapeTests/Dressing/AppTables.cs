using Agent.Sync.ShapeTests.Histories;
using Agent.Sync.ShapeTests.Servers;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Dressing;

/// <summary>Tables that the app makes itself, and what its migrations do to them between runs.</summary>
internal static class AppTables
{
    /// <summary>Makes the table before the first sync, as EF Core's EnsureCreated does: with or without what only the server writes.</summary>
    public static LocalStatement Create(ShapeTable table, ShapeDevice device, Random random)
    {
        var isSparse = random.Next(4) == 0;
        var columns = table.Columns
            .Where(column => column.Role == ColumnRole.Key || (device.Declares(column) && !(isSparse && random.Next(4) == 0)))
            .Select(column => Definition(table, device, column, random)).ToList();
        if (random.Next(3) == 0)
        {
            columns.Add("\"app_only\" INTEGER DEFAULT 7");
        }

        var style = device.Style;
        var hasRowidKey = table.Keys.Count == 1 && table.Keys[0].Type == ColumnType.Integer;
        if (!hasRowidKey)
        {
            columns.Add($"PRIMARY KEY ({string.Join(", ", table.Keys.Select(static column => Sql.Quote(column.LocalName)))}){(style.Chance(8) ? " ON CONFLICT REPLACE" : "")}");
        }

        if (table is { Target: { } target, Reference: { } reference } && style.Chance(3) && columns.Exists(column => column.StartsWith(Sql.Quote(reference.LocalName), StringComparison.Ordinal)))
        {
            columns.Add($"FOREIGN KEY ({Sql.Quote(reference.LocalName)}) REFERENCES \"{target.Name}\" ({Sql.Quote(target.Keys[0].LocalName)}) ON DELETE {style.Pick(["CASCADE", "SET NULL"])}{(style.Chance(2) ? " DEFERRABLE INITIALLY DEFERRED" : "")}");
        }

        List<string> options = [];
        if (!hasRowidKey && style.Chance(6))
        {
            options.Add("WITHOUT ROWID");
            device.WithoutRowid.Add(table.Name);
        }

        if (style.Chance(6))
        {
            options.Add("STRICT");
        }

        return new LocalStatement($"create table \"{table.Name}\" ({string.Join(", ", columns)}) {string.Join(", ", options)}".TrimEnd());
    }

    /// <summary>Rebuilds the table as EF Core does: make another one, copy some columns, drop the old one, rename.</summary>
    /// <param name="lost">The columns whose local values are gone after it.</param>
    public static async Task<IReadOnlyList<LocalStatement>> RebuildAsync(ShapeTable table, ShapeDevice device, Random random, List<string> lost)
    {
        var present = (await device.File.ColumnsAsync(table)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        List<string> definitions = [];
        List<string> copied = [];
        var share = random.Next(3) == 0 ? 3 : int.MaxValue;
        foreach (var column in table.Columns.Where(column => present.Contains(column.LocalName) || (device.Declares(column) && random.Next(2) == 0)))
        {
            var isKept = present.Contains(column.LocalName) && (column.Role == ColumnRole.Key || random.Next(share) > 0);
            if (isKept)
            {
                copied.Add(Sql.Quote(column.LocalName));
            }
            else
            {
                lost.Add(column.Name);
            }

            if (isKept || random.Next(2) == 0)
            {
                definitions.Add($"{Definition(table, device, column, random, mayBeRequired: false)}{(isKept ? "" : random.Next(2) == 0 ? $" DEFAULT {Default(column.Type, device.UuidBlobs)}" : "")}");
            }
        }

        // The store's own column goes with the others, unless the migration was made from the database as it is.
        if (present.Contains("sync_seq") && random.Next(2) == 0)
        {
            definitions.Add("\"sync_seq\" INTEGER");
            copied.Add("\"sync_seq\"");
        }

        if (table.Keys.Count > 1 || table.Keys[0].Type != ColumnType.Integer)
        {
            definitions.Add($"PRIMARY KEY ({string.Join(", ", table.Keys.Select(static column => Sql.Quote(column.LocalName)))})");
        }

        var list = string.Join(", ", copied);
        return
        [
            new LocalStatement($"create table \"ef_{table.Name}\" ({string.Join(", ", definitions)})"),
            new LocalStatement($"insert into \"ef_{table.Name}\" ({list}) select {list} from \"{table.Name}\""),
            new LocalStatement($"drop table \"{table.Name}\""),
            new LocalStatement($"alter table \"ef_{table.Name}\" rename to \"{table.Name}\""),
        ];
    }

    /// <summary>Adds a column that the dataset has just begun to declare, before the store can.</summary>
    public static LocalStatement Add(ShapeTable table, ShapeDevice device, ShapeColumn column) =>
        new($"alter table \"{table.Name}\" add column {Sql.Quote(column.LocalName)} {LocalValue.DeclaredType(column.Type, device.UuidBlobs)}{(column.IsRequired ? " NOT NULL" : "")} DEFAULT {Default(column.Type, device.UuidBlobs)}");

    private static string Definition(ShapeTable table, ShapeDevice device, ShapeColumn column, Random random, bool mayBeRequired = true)
    {
        var isRowid = column.Role == ColumnRole.Key && table.Keys.Count == 1 && column.Type == ColumnType.Integer;
        var isRequired = column.Role == ColumnRole.Key || (mayBeRequired && column is { IsRequired: true, ServerDefault: null } && random.Next(2) == 0);
        var hasDefault = mayBeRequired && column.Role == ColumnRole.Plain && random.Next(8) == 0;
        return $"{Sql.Quote(column.LocalName)} {LocalValue.DeclaredType(column.Type, device.UuidBlobs)}{(isRequired ? " NOT NULL" : "")}{(isRowid ? " PRIMARY KEY" : "")}{(hasDefault ? $" DEFAULT {Default(column.Type, device.UuidBlobs)}" : "")}";
    }

    private static string Default(ColumnType type, bool uuidBlobs) => type switch
    {
        ColumnType.Integer or ColumnType.Boolean => "0",
        ColumnType.Double => "0.0",
        ColumnType.Numeric => "'0.0'",
        ColumnType.Uuid when uuidBlobs => "x'00000000000000000000000000000000'",
        ColumnType.Uuid => "'00000000-0000-0000-0000-000000000000'",
        ColumnType.Timestamptz => "'0001-01-01 00:00:00+00:00'",
        ColumnType.Timestamp => "'0001-01-01 00:00:00'",
        ColumnType.Date => "'0001-01-01'",
        ColumnType.Time => "'00:00:00'",
        ColumnType.Json => "'{}'",
        ColumnType.Bytes => "x''",
        _ => "''",
    };
}
