using System.Text.Json;

namespace Agent.Sync.Tests.Testing;

/// <summary>Reads the rows of an in-memory store in the form the conformance suite asks for.</summary>
internal static class JsonRows
{
    public static IReadOnlyList<IReadOnlyDictionary<string, string?>> Read(IEnumerable<string> rows, Dataset dataset) =>
        [.. rows.Select(row => Read(row, dataset))];

    private static Dictionary<string, string?> Read(string row, Dataset dataset)
    {
        using var document = JsonDocument.Parse(row);
        return dataset.Columns.ToDictionary(
            static column => column.Name,
            column => document.RootElement.TryGetProperty(column.Name, out var value) ? TextOf(value, column.Type) : null);
    }

    private static string? TextOf(JsonElement value, ColumnType type) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String when type != ColumnType.Json => value.GetString(),
        _ => value.GetRawText(),
    };
}
