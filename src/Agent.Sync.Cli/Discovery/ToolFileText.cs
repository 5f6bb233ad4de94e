using System.Text.Encodings.Web;
using System.Text.Json;

namespace Agent.Sync.Cli.Discovery;

/// <summary>Writes an agent-sync.json.</summary>
internal static class ToolFileText
{
    public const string SchemaName = "agent-sync.schema.json";

    public static byte[] Write(IEnumerable<TableProposal> tables, string? url)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "./" + SchemaName);
            json.WriteStartObject("AgentSync");
            if (url is not null)
            {
                json.WriteString("Url", url);
            }

            json.WriteStartArray("Datasets");
            foreach (var table in tables)
            {
                Write(json, table);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static void Write(Utf8JsonWriter json, TableProposal table)
    {
        json.WriteStartObject();
        json.WriteString("Table", table.Table.Name);
        if (table.Table.Schema != "public")
        {
            json.WriteString("Schema", table.Table.Schema);
        }

        WriteNames(json, "Key", table.Key);
        if (table.Version is not null)
        {
            json.WriteString("Version", table.Version);
        }

        json.WriteString("UpdatedAt", table.UpdatedAt);
        if (table.DeletedAt is not null)
        {
            json.WriteString("DeletedAt", table.DeletedAt);
        }

        // The key is the device's to write, and the engine knows of the other two.
        string[] owned = [.. table.Columns.Where(static column => column.IsServerOwned).Select(static column => column.Name).Except([.. table.Key, table.Version ?? "", table.UpdatedAt ?? ""])];
        if (owned.Length > 0)
        {
            WriteNames(json, "ServerOwned", owned);
        }

        json.WriteStartObject("Columns");
        foreach (var column in table.Columns)
        {
            json.WriteString(column.Name, column.Type!.Value.ToString().ToLowerInvariant());
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter json, string property, IEnumerable<string> names)
    {
        json.WriteStartArray(property);
        foreach (var name in names)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }
}
