using System.Buffers;
using System.Text;

namespace Agent.Sync.Verify;

/// <summary>Writes a text as a JSON string, with the escapes that PostgreSQL writes and no others.</summary>
internal static class JsonStringText
{
    public static void Write(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        output.Write("\""u8);
        while (text.IndexOfAny(Escaped) is var at and >= 0)
        {
            output.Write(text[..at]);
            WriteEscape(text[at], output);
            text = text[(at + 1)..];
        }

        output.Write(text);
        output.Write("\""u8);
    }

    private static readonly SearchValues<byte> Escaped = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(static value => (byte)value), (byte)'"', (byte)'\\']);

    private static void WriteEscape(byte value, IBufferWriter<byte> output)
    {
        switch ((char)value)
        {
            case '\b':
                output.Write("\\b"u8);
                break;
            case '\f':
                output.Write("\\f"u8);
                break;
            case '\n':
                output.Write("\\n"u8);
                break;
            case '\r':
                output.Write("\\r"u8);
                break;
            case '\t':
                output.Write("\\t"u8);
                break;
            case '"' or '\\':
                output.Write([(byte)'\\', value]);
                break;
            default:
                output.Write(Encoding.ASCII.GetBytes($"\\u{value:x4}"));
                break;
        }
    }
}
