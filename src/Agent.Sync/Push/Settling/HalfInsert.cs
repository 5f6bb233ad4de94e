using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Settling;

/// <summary>A new row without its references to rows that wait for it in turn: it goes first, and its references follow as an update.</summary>
internal static class HalfInsert
{
    /// <summary>Makes the half, under an operation id of its own: what is on the server then is not the whole change.</summary>
    /// <param name="change">An insert.</param>
    /// <param name="dataset">Its dataset.</param>
    /// <param name="awaited">The keys of the rows that wait, as JSON.</param>
    /// <param name="half">The half.</param>
    /// <returns>False when the row refers to none of them.</returns>
    public static bool TryMake(in PendingChange change, Dataset dataset, IReadOnlySet<string> awaited, out PendingChange half)
    {
        using var row = JsonDocument.Parse(change.Row, new JsonDocumentOptions { MaxDepth = int.MaxValue });
        var columns = new List<string>(change.Columns.Count);
        var output = new ArrayBufferWriter<byte>(change.Row.Length);
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartObject();
            foreach (var member in row.RootElement.EnumerateObject())
            {
                var isKey = dataset.KeyOrdinals.Any(ordinal => dataset.Columns[ordinal].Name == member.Name);
                if (isKey || !awaited.Contains(member.Value.GetRawText()))
                {
                    columns.Add(member.Name);
                    writer.WritePropertyName(member.Name);
                    writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
                }
            }

            writer.WriteEndObject();
        }

        half = change with { OperationId = Guid.NewGuid(), Columns = columns, Row = output.WrittenMemory };
        return columns.Count < change.Columns.Count;
    }

    /// <summary>Returns a row's only key value as JSON; null where the key has several columns.</summary>
    public static string? KeyOf(in PendingChange change)
    {
        using var key = JsonDocument.Parse(change.Key);
        return key.RootElement.EnumerateObject().ToList() is [var only] ? only.Value.GetRawText() : null;
    }
}
