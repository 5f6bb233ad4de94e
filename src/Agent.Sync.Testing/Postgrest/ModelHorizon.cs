using System.Globalization;
using System.Text.Json;

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
            writer.WriteString("next", Text(server.NextTransaction));
            writer.WriteNull("oldest_writer_since");
            writer.WriteStartObject("tables");
            foreach (var name in tables)
            {
                writer.WritePropertyName(name);
                Write(writer, Find(name));
            }

            writer.WriteEndObject();
        }));
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
        writer.WriteStartArray("key");
        foreach (var column in entry.Key)
        {
            writer.WriteStringValue(column);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("policies_changed", false);
        writer.WriteNull("problem");
        writer.WriteBoolean("needs_restamp", false);
        writer.WriteEndObject();
    }

    private KitEntry? Find(string name) =>
        name.Split('.') is [var schema, var table] && server.FindTable(schema, table) is { HasKit: true } found ? found.Kit : null;
}
