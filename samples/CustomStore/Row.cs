using System.Text;
using System.Text.Json;
using Agent.Sync;
using Agent.Sync.Stores;

namespace CustomStore;

/// <summary>A row as one line of JSON, with each value as the server sent it, by local name.</summary>
internal sealed class Row(string json)
{
    private Dictionary<string, string>? _values;

    public string Json { get; } = json;

    /// <summary>Gets a value's JSON; null when it is a JSON null or missing.</summary>
    public string? this[DatasetColumn column] => (_values ??= Parse()).TryGetValue(column.LocalName, out var value) && value != "null" ? value : null;

    public static Row Of(Page page, int index)
    {
        StringBuilder json = new("{");
        for (var ordinal = 0; ordinal < page.Dataset.Columns.Count; ordinal++)
        {
            var cell = page.GetCell(index, ordinal);
            var text = Encoding.UTF8.GetString(cell.Utf8);
            var value = cell.Kind is PageCellKind.String or PageCellKind.EscapedString ? $"\"{text}\"" : text;

            // A line break in JSON is always between values: in a text it is escaped.
            json.Append(ordinal == 0 ? "\"" : ",\"").Append(JsonEncodedText.Encode(page.Dataset.Columns[ordinal].LocalName)).Append("\":").Append(value.ReplaceLineEndings(" "));
        }

        return new Row(json.Append('}').ToString());
    }

    /// <summary>Returns a value without quotes and escapes; null as the indexer.</summary>
    public string? TextOf(DatasetColumn column)
    {
        if (this[column] is not { } value || value[0] != '"')
        {
            return this[column];
        }

        using var document = JsonDocument.Parse(value);
        return document.RootElement.GetString();
    }

    private Dictionary<string, string> Parse()
    {
        using var document = JsonDocument.Parse(Json);
        return document.RootElement.EnumerateObject().ToDictionary(static value => value.Name, static value => value.Value.GetRawText());
    }
}
