using System.Text;
using System.Text.Json;

namespace Agent.Sync.Testing.Postgrest.Rows;

/// <summary>A JSON value as PostgreSQL keeps and prints a jsonb: with blanks, the shorter names first, of a name that comes twice the last value.</summary>
internal static class JsonbText
{
    private static readonly Comparer<byte[]> ByLengthThenBytes = Comparer<byte[]>.Create(static (left, right) =>
        left.Length != right.Length ? left.Length.CompareTo(right.Length) : left.AsSpan().SequenceCompareTo(right));

    public static byte[] Of(byte[] json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 512 });
        var text = new StringBuilder();
        Write(text, document.RootElement);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Write(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(text, value);
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (var (index, item) in value.EnumerateArray().Index())
                {
                    text.Append(index > 0 ? ", " : string.Empty);
                    Write(text, item);
                }

                text.Append(']');
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static void WriteObject(StringBuilder text, JsonElement value)
    {
        var members = new SortedDictionary<byte[], JsonProperty>(ByLengthThenBytes);
        foreach (var member in value.EnumerateObject())
        {
            members[Encoding.UTF8.GetBytes(member.Name)] = member;
        }

        text.Append('{');
        foreach (var (index, member) in members.Values.Index())
        {
            text.Append(index > 0 ? ", " : string.Empty).Append('"').Append(JsonEncodedText.Encode(member.Name, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)).Append("\": ");
            Write(text, member.Value);
        }

        text.Append('}');
    }
}
