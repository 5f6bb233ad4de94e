using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Agent.Sync.Doctor;

/// <summary>A key that somebody asks about: a JSON object with the key's columns.</summary>
internal static class RowKeyText
{
    /// <summary>Returns the texts of a key, in key order, as the server writes them.</summary>
    /// <exception cref="ArgumentException">It is not the key of such a row. The message does not repeat it.</exception>
    public static string[] Read(Dataset dataset, string key)
    {
        Dictionary<string, string?> values;
        try
        {
            using var json = JsonDocument.Parse(key);
            values = json.RootElement.ValueKind == JsonValueKind.Object
                ? json.RootElement.EnumerateObject().ToDictionary(static value => value.Name, static value => TextOf(value.Value), StringComparer.Ordinal)
                : throw Refuse(dataset);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            throw Refuse(dataset);
        }

        DatasetColumn[] columns = [.. dataset.KeyOrdinals.Select(ordinal => dataset.Columns[ordinal])];
        if (values.Count != columns.Length)
        {
            throw Refuse(dataset);
        }

        return [.. columns.Select(column => values.GetValueOrDefault(column.Name) is { } text ? Spelled(dataset, column, text) : throw Refuse(dataset))];
    }

    /// <summary>Writes a key as a JSON object.</summary>
    public static string Write(Dataset dataset, IReadOnlyList<string> key)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            for (var part = 0; part < key.Count; part++)
            {
                var column = dataset.Columns[dataset.KeyOrdinals[part]];
                json.WritePropertyName(column.Name);
                if (column.Type == ColumnType.Integer)
                {
                    json.WriteRawValue(key[part]);
                }
                else
                {
                    json.WriteStringValue(key[part]);
                }
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    private static string Spelled(Dataset dataset, DatasetColumn column, string text) => column.Type switch
    {
        ColumnType.Uuid => Guid.TryParse(text, out var uuid) ? uuid.ToString("D", CultureInfo.InvariantCulture) : throw Refuse(dataset),
        ColumnType.Integer => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number.ToString(CultureInfo.InvariantCulture) : throw Refuse(dataset),
        _ => text,
    };

    private static ArgumentException Refuse(Dataset dataset) => new(
        $"The key must be a JSON object with exactly the key's columns of dataset '{dataset.Name}' ({string.Join(", ", dataset.KeyOrdinals.Select(ordinal => $"{dataset.Columns[ordinal].Name}: {dataset.Columns[ordinal].Type}"))}), such as {{\"id\":\"...\"}}.");
}
