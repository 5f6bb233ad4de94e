using System.Text.Json;

namespace Agent.Sync.Testing.Postgrest.Rows;

internal static class JsonText
{
    /// <summary>Writes one JSON object.</summary>
    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    public static ReadOnlyMemory<byte> Error(string code, string message) => Write(writer =>
    {
        writer.WriteString("code", code);
        writer.WriteNull("details");
        writer.WriteNull("hint");
        writer.WriteString("message", message);
    });
}
