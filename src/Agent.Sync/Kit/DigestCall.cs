using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Kit;

/// <summary>The request for digests of a table's rows.</summary>
/// <param name="Dataset">The dataset, with the kit's sequence.</param>
/// <param name="Columns">The positions of the columns that are compared.</param>
/// <param name="After">The key to go on after; null from the start.</param>
/// <param name="Rows">How many rows to walk over.</param>
/// <param name="Only">The buckets whose rows are asked for; null for the sums of all buckets.</param>
internal sealed record DigestCall(Dataset Dataset, IReadOnlyList<int> Columns, IReadOnlyList<string>? After, int Rows, IReadOnlyList<int>? Only)
{
    public ApiCall ToCall()
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartObject("request");
            json.WriteString("table", HorizonCall.NameOf(Dataset));
            json.WriteStartArray("columns");
            foreach (var ordinal in Columns)
            {
                JsonMembers.WriteTexts(json, [Dataset.Columns[ordinal].Name, KindOf(Dataset.Columns[ordinal].Type)]);
            }

            json.WriteEndArray();
            json.WriteStartArray("filters");
            foreach (var filter in Dataset.Filters)
            {
                JsonMembers.WriteTexts(json, [filter.Column, PageUrl.OperatorOf(filter.Operator), filter.Value]);
            }

            json.WriteEndArray();
            if (Dataset is { DeleteHandling: DeleteHandling.Remove, DeletedOrdinal: { } deleted })
            {
                json.WriteString("deleted", Dataset.Columns[deleted].Name);
            }

            JsonMembers.WriteTexts(json, "after", After);
            JsonMembers.WriteTexts(json, "only", Only?.Select(static bucket => bucket.ToString(CultureInfo.InvariantCulture)));
            json.WriteNumber("rows", Rows);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return new ApiCall { Method = HttpMethod.Post, PathAndQuery = "rpc/digest", Schema = HorizonCall.Schema, Dataset = Dataset, Body = body.WrittenMemory };
    }

    private static string KindOf(ColumnType type) => type switch
    {
        ColumnType.Text => "text",
        ColumnType.Uuid => "uuid",
        ColumnType.Integer => "integer",
        ColumnType.Boolean => "boolean",
        ColumnType.Double => "double",
        ColumnType.Numeric => "numeric",
        ColumnType.Timestamptz => "timestamptz",
        ColumnType.Timestamp => "timestamp",
        ColumnType.Date => "date",
        ColumnType.Time => "time",
        ColumnType.Json => "json",
        ColumnType.Bytes => "bytes",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    // A record would print its values, and a key's values come from a row.
    public override string ToString() => nameof(DigestCall);
}
