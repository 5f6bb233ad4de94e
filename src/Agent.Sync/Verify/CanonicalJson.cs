using System.Buffers;
using System.Text.Json;

namespace Agent.Sync.Verify;

/// <summary>Writes a JSON value as PostgreSQL's jsonb does: members by the length of their names and then by their bytes, the last of equal names, numbers as numeric.</summary>
internal static class CanonicalJson
{
    /// <param name="reader">At the value; left at its end.</param>
    /// <param name="output">Gets the text.</param>
    public static void Write(ref Utf8JsonReader reader, IBufferWriter<byte> output)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(ref reader, output);
                break;
            case JsonTokenType.StartArray:
                WriteArray(ref reader, output);
                break;
            case JsonTokenType.String:
                JsonStringText.Write(TextOf(ref reader), output);
                break;
            case JsonTokenType.Number:
                CanonicalNumber.Write(reader.ValueSpan, trims: false, output);
                break;
            default:
                output.Write(reader.ValueSpan);
                break;
        }
    }

    /// <summary>Returns a string's bytes without its escapes; as it is where they stand for no character.</summary>
    public static ReadOnlySpan<byte> TextOf(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        var text = new byte[reader.ValueSpan.Length];
        try
        {
            return text.AsSpan(0, reader.CopyString(text));
        }
        catch (InvalidOperationException)
        {
            return reader.ValueSpan;
        }
    }

    private static void WriteArray(ref Utf8JsonReader reader, IBufferWriter<byte> output)
    {
        output.Write("["u8);
        for (var isFirst = true; reader.Read() && reader.TokenType != JsonTokenType.EndArray; isFirst = false)
        {
            output.Write(isFirst ? default : ", "u8);
            Write(ref reader, output);
        }

        output.Write("]"u8);
    }

    private static void WriteObject(ref Utf8JsonReader reader, IBufferWriter<byte> output)
    {
        var members = new SortedDictionary<byte[], byte[]>(NameOrder.Instance);
        var value = new ArrayBufferWriter<byte>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = TextOf(ref reader).ToArray();
            reader.Read();
            value.ResetWrittenCount();
            Write(ref reader, value);
            members[name] = value.WrittenSpan.ToArray();
        }

        output.Write("{"u8);
        var isFirst = true;
        foreach (var (name, text) in members)
        {
            output.Write(isFirst ? default : ", "u8);
            JsonStringText.Write(name, output);
            output.Write(": "u8);
            output.Write(text);
            isFirst = false;
        }

        output.Write("}"u8);
    }

    private sealed class NameOrder : IComparer<byte[]>
    {
        public static NameOrder Instance { get; } = new();

        public int Compare(byte[]? x, byte[]? y) => x!.Length != y!.Length ? x.Length.CompareTo(y.Length) : x.AsSpan().SequenceCompareTo(y);
    }
}
