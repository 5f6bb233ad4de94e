using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Agent.Sync.Push.Settling;

/// <summary>Lays values over a row: what only the server writes stays as the row has it.</summary>
internal static class RowOverlay
{
    /// <param name="dataset">The dataset of both.</param>
    /// <param name="values">A JSON object with values to write.</param>
    /// <param name="row">The row beneath, a JSON object; empty when there is none.</param>
    /// <param name="keepsRest">Whether what <paramref name="values"/> lacks stays as the row has it; else it is missing in the result too.</param>
    /// <param name="sent">The columns that an insert sent: a null in any other was never set. Null where every value counts.</param>
    /// <param name="maxDepth">How deep either may nest.</param>
    /// <returns>A JSON array with the one row.</returns>
    /// <exception cref="JsonException">The values are not one JSON object.</exception>
    public static ReadOnlyMemory<byte> Compose(
        Dataset dataset, ReadOnlyMemory<byte> values, ReadOnlyMemory<byte> row, bool keepsRest, IReadOnlyList<string>? sent, int maxDepth)
    {
        // A name that comes twice has no one value.
        var options = new JsonDocumentOptions { MaxDepth = maxDepth, AllowDuplicateProperties = false };
        using var over = JsonDocument.Parse(values, options);
        using var beneath = JsonDocument.Parse(row.IsEmpty ? "{}"u8.ToArray() : row, options);
        if (over.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("The values are not an object.");
        }

        var output = new ArrayBufferWriter<byte>(values.Length + row.Length + 2);
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartArray();
            writer.WriteStartObject();
            for (var ordinal = 0; ordinal < dataset.Columns.Count; ordinal++)
            {
                var name = dataset.Columns[ordinal].Name;
                var stays = !dataset.PushedOrdinals.Contains(ordinal) || (keepsRest && !IsSet(over.RootElement, name, sent));
                if ((stays && beneath.RootElement.TryGetProperty(name, out var value)) || over.RootElement.TryGetProperty(name, out value))
                {
                    Write(writer, name, value);
                }
            }

            // What the dataset does not know is refused where the row is read.
            foreach (var property in over.RootElement.EnumerateObject().Where(property => dataset.Columns.All(column => column.Name != property.Name)))
            {
                Write(writer, property.Name, property.Value);
            }

            writer.WriteEndObject();
            writer.WriteEndArray();
        }

        return output.WrittenMemory;
    }

    private static bool IsSet(JsonElement over, string name, IReadOnlyList<string>? sent) =>
        over.TryGetProperty(name, out var value)
        && (value.ValueKind != JsonValueKind.Null || sent is null || sent.Contains(name, StringComparer.Ordinal));

    private static void Write(Utf8JsonWriter writer, string name, JsonElement value)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
    }
}
