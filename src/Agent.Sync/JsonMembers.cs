using System.Text.Json;

namespace Agent.Sync;

/// <summary>Walks over the members of one JSON object. A name that comes twice is refused: two readers of one text could see two values.</summary>
/// <remarks>By hand, because a serializer would compile its converters for every type on the way of a process's first page.</remarks>
internal readonly struct JsonMembers
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    private JsonMembers(in Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException();
        }
    }

    /// <summary>Reads the value at which the reader stands, and leaves the reader at the value's end.</summary>
    public delegate T ValueReader<out T>(ref Utf8JsonReader json);

    /// <summary>Reads a text that is one JSON value.</summary>
    /// <exception cref="JsonException">It is not, or not of the expected shape. The exception may quote the text.</exception>
    public static T Read<T>(ReadOnlySpan<byte> utf8, ValueReader<T> read)
    {
        try
        {
            var json = new Utf8JsonReader(utf8);
            json.Read();
            var value = read(ref json);
            return json.Read() ? throw new JsonException() : value;
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            // A value of another kind, or a text that is not valid UTF-16.
            throw new JsonException(exception.Message, exception);
        }
    }

    /// <summary>Starts with the object at which the reader stands.</summary>
    public static JsonMembers Of(ref Utf8JsonReader json) => new(in json);

    /// <summary>Moves to the value of the next member.</summary>
    /// <returns>Its name; null at the object's end.</returns>
    public string? Next(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.EndObject)
        {
            return null;
        }

        var name = json.GetString()!;
        json.Read();
        return _seen.Add(name) ? name : throw new JsonException();
    }

    /// <summary>Reads the texts of an array; null for null.</summary>
    public static string[]? Texts(ref Utf8JsonReader json) =>
        Items(ref json, static (ref item) => item.GetString() ?? throw new JsonException());

    /// <summary>Writes texts as a member that is an array; nothing for null.</summary>
    public static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string>? texts)
    {
        if (texts is not null)
        {
            json.WritePropertyName(name);
            WriteTexts(json, texts);
        }
    }

    /// <summary>Writes texts as an array.</summary>
    public static void WriteTexts(Utf8JsonWriter json, IEnumerable<string> texts)
    {
        json.WriteStartArray();
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    /// <summary>Reads the items of an array; null for null.</summary>
    public static T[]? Items<T>(ref Utf8JsonReader json, ValueReader<T> read)
        where T : class
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (json.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException();
        }

        var items = new List<T>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            items.Add(read(ref json));
        }

        return [.. items];
    }
}
