using Agent.Sync.Cli.Discovery;

namespace Agent.Sync.Cli.Scaffolding;

/// <summary>The C# type of a column.</summary>
internal static class EntityTypes
{
    private static readonly Dictionary<string, string> Elements = new(StringComparer.Ordinal)
    {
        ["text"] = "string",
        ["character varying"] = "string",
        ["smallint"] = "short",
        ["integer"] = "int",
        ["bigint"] = "long",
        ["double precision"] = "double",
        ["numeric"] = "decimal",
        ["boolean"] = "bool",
        ["uuid"] = "Guid",
    };

    /// <param name="type">The column's type.</param>
    /// <param name="column">The column in the database; null where it is not known.</param>
    public static string Of(ColumnType type, CatalogColumn? column) => type switch
    {
        ColumnType.Text => "string",
        ColumnType.Uuid => "Guid",
        ColumnType.Integer => column?.DatabaseType is "smallint" or "integer" ? Elements[column.DatabaseType] : "long",
        ColumnType.Boolean => "bool",
        ColumnType.Double => "double",
        ColumnType.Numeric => "decimal",
        ColumnType.Timestamptz => "DateTimeOffset",
        ColumnType.Timestamp => "DateTime",
        ColumnType.Date => "DateOnly",
        ColumnType.Time => "TimeOnly",
        ColumnType.Bytes => "byte[]",
        _ => Element(column?.DatabaseType) is { } element ? element + "[]" : "JsonElement",
    };

    public static bool IsReference(string type) => type is "string" || type.EndsWith(']');

    private static string? Element(string? array) => array is not null && array.EndsWith("[]", StringComparison.Ordinal) && Elements.TryGetValue(array[..^2].Split('(')[0], out var element) ? element : null;
}
