using System.Text.Json;
using System.Text.Json.Nodes;
using Agent.Sync.ShapeTests.Oracles;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Servers;

/// <summary>Rows as JSON, as PostgreSQL and the double write them.</summary>
internal static class RowJson
{
    public static Row Read(ShapeTable table, string json)
    {
        using var document = JsonDocument.Parse(json);
        return new Row(table.Columns.Select(column => KeyValuePair.Create(
            column.Name, document.RootElement.TryGetProperty(column.Name, out var value) ? Canonical.FromJson(column.Type, value) : null)));
    }

    public static string Write(ShapeTable table, Row row) =>
        "{" + string.Join(",", row.Select(pair => $"{JsonSerializer.Serialize(pair.Key)}:{Value(table.Find(pair.Key).Type, pair.Value)}")) + "}";

    private static string Value(ColumnType type, string? value) => (type, value) switch
    {
        (_, null) => "null",
        (ColumnType.Double or ColumnType.Numeric, "NaN") => "\"NaN\"",
        (ColumnType.Integer or ColumnType.Boolean or ColumnType.Double or ColumnType.Numeric or ColumnType.Json, _) => value,
        (ColumnType.Timestamptz, _) => $"\"{value.Replace(' ', 'T').Replace("+00", "+00:00", StringComparison.Ordinal)}\"",
        (ColumnType.Timestamp, _) => $"\"{value.Replace(' ', 'T')}\"",
        _ => JsonValue.Create(value).ToJsonString(),
    };
}
