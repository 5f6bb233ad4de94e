using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Cli.Output;

/// <summary>One line of a log.</summary>
internal sealed record LogEntry(LogLevel Level, string Category, EventId Id, string Message, IReadOnlyList<KeyValuePair<string, object?>> Values)
{
    private const string Template = "{OriginalFormat}";

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string ToText(DateTimeOffset time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time:HH:mm:ss.fff} {Level.ToString().ToLowerInvariant(),-11} {Id.Id} {Id.Name}: {Message}");

    public string ToJson(DateTimeOffset time)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, Relaxed))
        {
            json.WriteStartObject();
            json.WriteString("time", time);
            json.WriteString("level", Level.ToString());
            json.WriteString("category", Category);
            json.WriteNumber("id", Id.Id);
            json.WriteString("name", Id.Name);
            json.WriteString("message", Message);
            foreach (var (name, value) in Values.Where(static pair => pair.Key != Template))
            {
                json.WritePropertyName(name);
                WriteValue(json, value);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case int or long:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            default:
                json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
