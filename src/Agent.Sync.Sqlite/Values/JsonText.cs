namespace Agent.Sync.Sqlite.Values;

/// <summary>The escapes that PostgreSQL writes for line ends, quotes and backslashes, without starting a JSON reader per value.</summary>
internal static class JsonText
{
    /// <summary>Writes a string's value.</summary>
    /// <param name="escaped">A JSON string without its quotes, its escapes known to be well-formed.</param>
    /// <param name="destination">At least as long.</param>
    /// <returns>The bytes written; -1 when there is an escape by code point, which needs a reader.</returns>
    public static int Unescape(ReadOnlySpan<byte> escaped, Span<byte> destination)
    {
        var written = 0;
        int next;
        while ((next = escaped.IndexOf((byte)'\\')) >= 0)
        {
            var value = ValueOf(escaped[next + 1]);
            if (value == 0)
            {
                return -1;
            }

            escaped[..next].CopyTo(destination[written..]);
            written += next;
            destination[written++] = value;
            escaped = escaped[(next + 2)..];
        }

        escaped.CopyTo(destination[written..]);
        return written + escaped.Length;
    }

    private static byte ValueOf(byte escape) => escape switch
    {
        (byte)'n' => (byte)'\n',
        (byte)'t' => (byte)'\t',
        (byte)'r' => (byte)'\r',
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'"' or (byte)'\\' or (byte)'/' => escape,
        _ => 0,
    };
}
