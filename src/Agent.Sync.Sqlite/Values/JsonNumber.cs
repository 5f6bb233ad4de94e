namespace Agent.Sync.Sqlite.Values;

/// <summary>The grammar of a JSON number, of any length: a parser would make a double of it.</summary>
internal static class JsonNumber
{
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        var rest = !text.IsEmpty && text[0] == (byte)'-' ? text[1..] : text;
        var isZero = !rest.IsEmpty && rest[0] == (byte)'0';
        var whole = SkipDigits(ref rest);
        if (whole == 0 || (isZero && whole > 1))
        {
            return false;
        }

        if (!rest.IsEmpty && rest[0] == (byte)'.')
        {
            rest = rest[1..];
            if (SkipDigits(ref rest) == 0)
            {
                return false;
            }
        }

        if (!rest.IsEmpty && (rest[0] | 0x20) == 'e')
        {
            rest = rest.Length > 1 && rest[1] is ((byte)'+' or (byte)'-') ? rest[2..] : rest[1..];
            return SkipDigits(ref rest) > 0 && rest.IsEmpty;
        }

        return rest.IsEmpty;
    }

    private static int SkipDigits(ref ReadOnlySpan<byte> text)
    {
        var digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = digits < 0 ? text.Length : digits;
        text = text[digits..];
        return digits;
    }
}
