using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Agent.Sync.ShapeTests.Oracles;

/// <summary>One text for one value, whichever side it was read from. Null is null.</summary>
internal static class Canonical
{
    private const string InstantFormat = "yyyy-MM-dd HH:mm:ss.ffffff";

    /// <summary>Reads what PostgreSQL's to_json writes, and the double after it.</summary>
    public static string? FromJson(ColumnType type, JsonElement json) => (type, json.ValueKind) switch
    {
        (_, JsonValueKind.Null) => null,
        (ColumnType.Json, _) => Json(json),
        (_, JsonValueKind.String) => FromText(type, json.GetString()!),
        _ => FromText(type, json.GetRawText()),
    };

    /// <summary>Reads what stands in a SQLite column.</summary>
    public static string? FromLocal(ColumnType type, object? value) => (type, value) switch
    {
        (_, null or DBNull) => null,
        (ColumnType.Uuid, byte[] { Length: 16 } bytes) => new Guid(bytes).ToString(),
        (_, byte[] bytes) => "\\x" + Convert.ToHexStringLower(bytes),
        (ColumnType.Boolean, long flag) => flag switch { 0 => "false", 1 => "true", _ => $"not a flag: {flag}" },
        (_, double number) when type != ColumnType.Double => FromText(type, number.ToString("R", CultureInfo.InvariantCulture)),
        (_, IFormattable number) => FromText(type, number.ToString(null, CultureInfo.InvariantCulture)),
        _ => FromText(type, (string)value),
    };

    /// <summary>What a device holds for a server's value: SQLite's REAL has no NaN, and docs/local-store.md says that it becomes NULL.</summary>
    public static string? SeenLocally(ColumnType type, string? server) => type == ColumnType.Double && server == "NaN" ? null : server;

    public static string Decimal(string text)
    {
        var isNegative = text.StartsWith('-');
        var parts = text.TrimStart('-', '+').Split('.');
        if (!parts.All(static part => part.All(char.IsAsciiDigit)))
        {
            return text;
        }

        var whole = parts[0].TrimStart('0');
        var fraction = parts.Length > 1 ? parts[1].TrimEnd('0') : string.Empty;
        var number = (whole.Length == 0 ? "0" : whole) + (fraction.Length == 0 ? string.Empty : "." + fraction);
        return isNegative && number != "0" ? "-" + number : number;
    }

    private static string FromText(ColumnType type, string text)
    {
        switch (type)
        {
            case ColumnType.Uuid:
                return Guid.TryParse(text, out var id) ? id.ToString() : $"no uuid: {text}";
            case ColumnType.Double:
                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number.ToString("R", CultureInfo.InvariantCulture) : $"no number: {text}";
            case ColumnType.Numeric:
                return Decimal(text);
            case ColumnType.Timestamptz:
                return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
                    ? instant.UtcDateTime.ToString(InstantFormat, CultureInfo.InvariantCulture) + "+00" : text;
            case ColumnType.Timestamp:
                return DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time.ToString(InstantFormat, CultureInfo.InvariantCulture) : text;
            case ColumnType.Time:
                return TimeOnly.TryParse(text, CultureInfo.InvariantCulture, out var hour) ? hour.ToString("HH:mm:ss.ffffff", CultureInfo.InvariantCulture) : text;
            case ColumnType.Json:
                return JsonText(text);
            default:
                return text;
        }
    }

    private static string JsonText(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return Json(document.RootElement);
        }
        catch (JsonException)
        {
            return $"no JSON: {text}";
        }
    }

    /// <summary>Without blanks and in the order of the names, which jsonb does not keep.</summary>
    private static string Json(JsonElement element)
    {
        var text = new StringBuilder();
        Write(element);
        return text.ToString();

        void Write(JsonElement value)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    text.Append('{');
                    foreach (var (property, index) in value.EnumerateObject().OrderBy(static property => property.Name, StringComparer.Ordinal).Select(static (property, index) => (property, index)))
                    {
                        text.Append(index > 0 ? "," : string.Empty).Append(JsonSerializer.Serialize(property.Name)).Append(':');
                        Write(property.Value);
                    }

                    text.Append('}');
                    break;
                case JsonValueKind.Array:
                    text.Append('[');
                    foreach (var (item, index) in value.EnumerateArray().Select(static (item, index) => (item, index)))
                    {
                        text.Append(index > 0 ? "," : string.Empty);
                        Write(item);
                    }

                    text.Append(']');
                    break;
                case JsonValueKind.String:
                    text.Append(JsonSerializer.Serialize(value.GetString()));
                    break;
                default:
                    text.Append(value.GetRawText());
                    break;
            }
        }
    }
}
