namespace Agent.Sync.Cli.Discovery;

/// <summary>Which of the engine's types a type of PostgreSQL is.</summary>
internal static class DatabaseTypes
{
    /// <summary>The type; null when the engine does not know it.</summary>
    /// <param name="name">pg_type's name, of a domain its base type's.</param>
    /// <param name="kind">pg_type's kind: b base, c composite, e enum.</param>
    /// <param name="category">pg_type's category: A for arrays.</param>
    public static ColumnType? Find(string name, string kind, string category) => (name, kind, category) switch
    {
        (_, "e", _) => ColumnType.Text,
        (_, "c", _) or (_, _, "A") => ColumnType.Json,
        ("text" or "varchar" or "bpchar" or "citext", _, _) => ColumnType.Text,
        ("uuid", _, _) => ColumnType.Uuid,
        ("int2" or "int4" or "int8", _, _) => ColumnType.Integer,
        ("bool", _, _) => ColumnType.Boolean,
        ("float4" or "float8", _, _) => ColumnType.Double,
        ("numeric", _, _) => ColumnType.Numeric,
        ("timestamptz", _, _) => ColumnType.Timestamptz,
        ("timestamp", _, _) => ColumnType.Timestamp,
        ("date", _, _) => ColumnType.Date,
        ("time", _, _) => ColumnType.Time,
        ("json" or "jsonb", _, _) => ColumnType.Json,
        ("bytea", _, _) => ColumnType.Bytes,
        _ => null,
    };

    /// <summary>The type by the name that PostgreSQL shows; null when the engine does not know it. A composite type is not told from others by its name.</summary>
    public static ColumnType? FindByName(string name, bool isEnum) => isEnum ? ColumnType.Text : name.Split('(')[0] switch
    {
        _ when name.EndsWith("[]", StringComparison.Ordinal) => ColumnType.Json,
        "character varying" or "character" => ColumnType.Text,
        var text when text == "citext" || text.EndsWith(".citext", StringComparison.Ordinal) => ColumnType.Text,
        "smallint" or "integer" or "bigint" => ColumnType.Integer,
        "boolean" => ColumnType.Boolean,
        "real" or "double precision" => ColumnType.Double,
        "timestamp with time zone" => ColumnType.Timestamptz,
        "timestamp without time zone" => ColumnType.Timestamp,
        "time without time zone" => ColumnType.Time,
        var other => Find(other, kind: "b", category: ""),
    };
}
