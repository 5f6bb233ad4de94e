using System.Globalization;
using System.Text.Json;
using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.Testing.Postgrest;

/// <summary>Answers the SQL kit's horizon function.</summary>
internal sealed class ModelHorizon(PostgrestDouble server)
{
    public ModelAnswer Answer(RecordedRequest request)
    {
        using var document = JsonDocument.Parse(request.Body);
        var tables = document.RootElement.GetProperty("request").GetProperty("tables").EnumerateArray().Select(static name => name.GetString()!).ToList();
        return new ModelAnswer(200, JsonText.Write(writer =>
        {
            writer.WriteNumber("kit", SqlKit.Version);
            writer.WriteString("server_time", PostgresTimestamp.Format(server.NowMicroseconds));
            writer.WriteString("horizon", Text(server.Horizon));
            writer.WriteString("next", Text(server.Next));
            WriteSince(writer);
            writer.WriteStartObject("tables");
            foreach (var name in tables)
            {
                writer.WritePropertyName(name);
                Write(writer, Find(name));
            }

            writer.WriteEndObject();
        }));
    }

    private void WriteSince(Utf8JsonWriter writer)
    {
        if (server.Holder is { } holder)
        {
            writer.WriteString("oldest_writer_since", PostgresTimestamp.Format(holder.Stamp));
        }
        else
        {
            writer.WriteNull("oldest_writer_since");
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Write(Utf8JsonWriter writer, KitEntry? entry)
    {
        if (entry is null)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("epoch", entry.Epoch);
        writer.WriteString("min_retained", Text(entry.MinRetained));
        writer.WriteString("tombstones", entry.Tombstones);
        WriteNames(writer, "key", entry.Key);
        WriteNames(writer, "columns", entry.Columns);
        writer.WriteBoolean("policies_changed", false);
        writer.WriteNull("problem");
        writer.WriteBoolean("needs_restamp", false);
        writer.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter writer, string property, IEnumerable<string> names)
    {
        writer.WriteStartArray(property);
        foreach (var name in names)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
    }

    private KitEntry? Find(string name) =>
        name.Split('.') is [var schema, var table] && server.FindTable(schema, table) is { HasKit: true } found ? found.Kit : null;
}
