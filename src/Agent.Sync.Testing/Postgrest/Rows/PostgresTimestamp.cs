using System.Globalization;

namespace Agent.Sync.Testing.Postgrest.Rows;

/// <summary>Timestamps as PostgreSQL has them: 64-bit microseconds, read from and written as text.</summary>
internal static class PostgresTimestamp
{
    private const long TicksPerMicrosecond = TimeSpan.TicksPerMicrosecond;
    private const int DateTimeLength = 19;

    /// <summary>Reads <c>yyyy-MM-dd[T ]HH:mm:ss[.ffffff][Z|±HH[:mm]]</c>; without an offset it is UTC.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long microseconds)
    {
        microseconds = 0;
        if (text.Length < DateTimeLength
            || text[10] is not ('T' or ' ')
            || !DateTime.TryParseExact(text[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            || !TimeSpan.TryParseExact(text[11..DateTimeLength], @"hh\:mm\:ss", CultureInfo.InvariantCulture, out var time))
        {
            return false;
        }

        var rest = text[DateTimeLength..];
        if (!TryFraction(ref rest, out var fraction) || !TryOffset(rest, out var offset))
        {
            return false;
        }

        microseconds = ((day.Ticks + time.Ticks - offset.Ticks) / TicksPerMicrosecond) + fraction;
        return true;
    }

    /// <summary>Writes the form of PostgREST: no trailing zeros in the fraction, and the offset of UTC.</summary>
    public static string Format(long microseconds)
    {
        var time = new DateTime(microseconds * TicksPerMicrosecond, DateTimeKind.Utc);
        return time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFF", CultureInfo.InvariantCulture) + "+00:00";
    }

    public static long From(DateTimeOffset time) => time.UtcTicks / TicksPerMicrosecond;

    private static bool TryFraction(ref ReadOnlySpan<char> rest, out long microseconds)
    {
        microseconds = 0;
        if (rest.IsEmpty || rest[0] != '.')
        {
            return true;
        }

        var digits = rest[1..].IndexOfAnyExceptInRange('0', '9');
        digits = digits < 0 ? rest.Length - 1 : digits;
        if (digits is 0 or > 6)
        {
            return false;
        }

        microseconds = long.Parse(rest.Slice(1, digits), CultureInfo.InvariantCulture);
        for (var missing = digits; missing < 6; missing++)
        {
            microseconds *= 10;
        }

        rest = rest[(digits + 1)..];
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<char> rest, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (rest.IsEmpty || rest is "Z")
        {
            return true;
        }

        if (rest[0] is not ('+' or '-') || !(rest.Length is 3 or 6))
        {
            return false;
        }

        var format = rest.Length == 3 ? "hh" : @"hh\:mm";
        if (!TimeSpan.TryParseExact(rest[1..], format, CultureInfo.InvariantCulture, out offset))
        {
            return false;
        }

        offset = rest[0] == '-' ? -offset : offset;
        return true;
    }
}
