using System.Text;
using System.Text.Json;
using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.Testing.Local;

/// <summary>One row: the JSON as it came, and each value's own JSON text. Immutable.</summary>
internal sealed class MemoryRow(string json)
{
    private Dictionary<string, string>? _values;

    public string Json { get; } = json;

    /// <summary>Gets a value's JSON text; null when it is a JSON null or not there.</summary>
    public string? this[string column] => Values.TryGetValue(column, out var value) && value != "null" ? value : null;

    public IReadOnlyDictionary<string, string> Values => _values ??= Read(Json);

    public static MemoryRow Of(Page page, int row) => new(Encoding.UTF8.GetString(page.GetRow(row).Span));

    /// <summary>Makes a row with every column of the dataset.</summary>
    public static MemoryRow Of(Dataset dataset, IReadOnlyDictionary<string, string> values) =>
        new(Write(dataset.Columns.Select(static column => column.Name), values));

    /// <summary>Writes some columns as a JSON object; those that are missing are null.</summary>
    public static string Write(IEnumerable<string> columns, IReadOnlyDictionary<string, string> values) =>
        "{" + string.Join(',', columns.Select(name => $"\"{name}\":{values.GetValueOrDefault(name, "null")}")) + "}";

    public static Dictionary<string, string> Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().ToDictionary(static item => item.Name, static item => item.Value.GetRawText());
    }

    /// <summary>Returns this row with what another one changed since it was a third; a null third was no row.</summary>
    public MemoryRow With(MemoryRow changed, MemoryRow? since) =>
        new(Write(Values.Keys, Values.ToDictionary(static item => item.Key, item => changed[item.Key] == since?[item.Key] ? item.Value : changed[item.Key] ?? "null")));

    /// <summary>Returns a value without its quotes and escapes; null as the indexer.</summary>
    public string? TextOf(string column) => this[column] is { } value ? SqlValue.TextOf(Encoding.UTF8.GetBytes(value)) : null;
}
