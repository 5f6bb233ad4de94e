using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Agent.Sync.Verify;

/// <summary>Writes a value as the text that the SQL kit's digest writes for it too, whatever the spelling in which the server or the store gave it.</summary>
/// <remarks>A value that does not have its column's type is copied as it is. It then differs from every value that does.</remarks>
internal static class CanonicalValue
{
    private const long MicrosecondsPerSecond = 1_000_000;

    /// <param name="type">The column's type.</param>
    /// <param name="reader">At the value; left at its end.</param>
    /// <param name="output">Gets the text.</param>
    /// <returns>False for null, and for a double that is no number, which a store may keep as null.</returns>
    public static bool TryWrite(ColumnType type, ref Utf8JsonReader reader, IBufferWriter<byte> output)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return false;
        }

        if (type == ColumnType.Json || reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
        {
            CanonicalJson.Write(ref reader, output);
            return true;
        }

        var text = reader.TokenType == JsonTokenType.String ? CanonicalJson.TextOf(ref reader) : reader.ValueSpan;
        switch (type)
        {
            case ColumnType.Uuid when Utf8Parser.TryParse(text, out Guid uuid, out var length) && length == text.Length:
                Utf8Formatter.TryFormat(uuid, output.GetSpan(36), out length);
                output.Advance(length);
                break;
            case ColumnType.Double when double.TryParse(text, CultureInfo.InvariantCulture, out var number):
                return TryWrite(number, output);
            case ColumnType.Numeric:
                CanonicalNumber.Write(text, trims: true, output);
                break;
            case ColumnType.Timestamptz or ColumnType.Timestamp when !text.EndsWith("infinity"u8) && TryReadTimestamp(type, text, out var microseconds):
                Write(microseconds, output);
                break;
            case ColumnType.Time when TryReadTime(text, out var microseconds):
                Write(microseconds, output);
                break;
            case ColumnType.Bytes when text.StartsWith("\\x"u8):
                Ascii.ToLower(text[2..], output.GetSpan(text.Length), out var written);
                output.Advance(written);
                break;
            default:
                output.Write(text);
                break;
        }

        return true;
    }

    private static bool TryWrite(double number, IBufferWriter<byte> output)
    {
        if (double.IsNaN(number))
        {
            return false;
        }

        // One zero: a store may lose the other's sign.
        var bits = number == 0 ? 0 : BitConverter.DoubleToInt64Bits(number);
        Utf8Formatter.TryFormat(bits, output.GetSpan(16), out var length, new StandardFormat('x', 16));
        output.Advance(length);
        return true;
    }

    private static void Write(long number, IBufferWriter<byte> output)
    {
        Utf8Formatter.TryFormat(number, output.GetSpan(20), out var length);
        output.Advance(length);
    }

    private static bool TryReadTimestamp(ColumnType type, ReadOnlySpan<byte> text, out long microseconds)
    {
        if (type == ColumnType.Timestamptz)
        {
            return TimestampText.TryParse(text, out microseconds);
        }

        // Before Christ the era comes last, after the offset.
        var isBeforeChrist = text.EndsWith(" BC"u8);
        byte[] withZone = [.. isBeforeChrist ? text[..^3] : text, (byte)'Z', .. isBeforeChrist ? " BC"u8 : default];
        return TimestampText.TryParse(withZone, out microseconds);
    }

    /// <summary>Reads <c>HH:mm:ss</c> with up to six digits after a point; PostgreSQL has 24:00:00.</summary>
    private static bool TryReadTime(ReadOnlySpan<byte> text, out long microseconds)
    {
        microseconds = 0;
        if (text.Length is < 8 or 9 or > 15 || text[2] != ':' || text[5] != ':' || (text.Length > 8 && text[8] != '.')
            || !int.TryParse(text[..2], CultureInfo.InvariantCulture, out var hours)
            || !int.TryParse(text[3..5], CultureInfo.InvariantCulture, out var minutes)
            || !int.TryParse(text[6..8], CultureInfo.InvariantCulture, out var seconds))
        {
            return false;
        }

        var fraction = 0;
        for (var index = 9; index < 15; index++)
        {
            fraction = (fraction * 10) + (index < text.Length ? text[index] - '0' : 0);
        }

        microseconds = (((hours * 3600L) + (minutes * 60) + seconds) * MicrosecondsPerSecond) + fraction;
        return true;
    }
}
