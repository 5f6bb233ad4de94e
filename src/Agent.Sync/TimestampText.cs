using System.Globalization;
using System.Text;

namespace Agent.Sync;

/// <summary>Reads and writes PostgreSQL's timestamps as whole microseconds since 1970, without losing one.</summary>
internal static class TimestampText
{
    private const long MicrosecondsPerSecond = 1_000_000;
    private const long Latest = long.MaxValue - 1;

    // The first and the last year that PostgreSQL has.
    private const int FirstYearBeforeChrist = 4714;
    private const int LastYear = 294_276;

    // .NET's own calendar ends at both ends before PostgreSQL's, which repeats every 400 years.
    private const int Cycle = 400;
    private const int DaysPerCycle = 146_097;
    private const int CyclesBefore = 12;

    /// <summary>
    /// Reads <c>2026-01-01T00:00:00.123451+00:00</c> and its shorter forms, years of five and six digits and years before Christ (<c>BC</c> at the
    /// end); <c>infinity</c> is the largest value.
    /// </summary>
    /// <remarks>The last 31 years that PostgreSQL has lie beyond 64 bits: they are one value, below infinity.</remarks>
    public static bool TryParse(ReadOnlySpan<byte> text, out long microseconds)
    {
        microseconds = 0;
        if (text.SequenceEqual("infinity"u8) || text.SequenceEqual("-infinity"u8))
        {
            microseconds = text[0] == (byte)'-' ? long.MinValue : long.MaxValue;
            return true;
        }

        var rest = text;
        var isBeforeChrist = rest.EndsWith(" BC"u8);
        rest = isBeforeChrist ? rest[..^3] : rest;
        if (!TakeYear(ref rest, isBeforeChrist, out var year) || !TakeMark(ref rest, '-')
            || !Take(ref rest, 2, out var month) || !TakeMark(ref rest, '-')
            || !Take(ref rest, 2, out var day) || !(TakeMark(ref rest, 'T') || TakeMark(ref rest, ' '))
            || !Take(ref rest, 2, out var hour) || !TakeMark(ref rest, ':')
            || !Take(ref rest, 2, out var minute) || !TakeMark(ref rest, ':')
            || !Take(ref rest, 2, out var second))
        {
            return false;
        }

        // PostgreSQL writes midnight at the end of a day as 24:00:00 only for time, never for timestamptz.
        if (month is 0 or > 12 || day == 0 || day > DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59
            || !TakeFraction(ref rest, out var fraction) || !TakeOffset(ref rest, out var offsetSeconds) || !rest.IsEmpty)
        {
            return false;
        }

        var seconds = (DaysSince1970(year, month, day) * 86_400) + (hour * 3600) + (minute * 60) + second - offsetSeconds;
        microseconds = seconds > (Latest - fraction) / MicrosecondsPerSecond ? Latest : (seconds * MicrosecondsPerSecond) + fraction;
        return true;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, out long)"/>
    public static bool TryParse(string text, out long microseconds) => TryParse(Encoding.UTF8.GetBytes(text), out microseconds);

    /// <summary>Writes the form PostgREST uses, which PostgreSQL reads back exactly.</summary>
    public static string Format(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'+00:00'", CultureInfo.InvariantCulture);

    public static long ToMicroseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>Takes a year, which is one less than its number before Christ: there is no year 0.</summary>
    private static bool TakeYear(ref ReadOnlySpan<byte> rest, bool isBeforeChrist, out int year)
    {
        var digits = rest.IndexOf((byte)'-');
        if (digits is not (4 or 5 or 6) || !Take(ref rest, digits, out year) || (digits > 4 && year < 10_000))
        {
            year = 0;
            return false;
        }

        var isInRange = year > 0 && year <= (isBeforeChrist ? FirstYearBeforeChrist : LastYear);
        year = isBeforeChrist ? 1 - year : year;
        return isInRange;
    }

    private static int YearOfCycle(int year) => ((year + (CyclesBefore * Cycle)) % Cycle) + Cycle;

    private static int DaysInMonth(int year, int month) => DateTime.DaysInMonth(YearOfCycle(year), month);

    private static long DaysSince1970(int year, int month, int day)
    {
        var cycles = (year - YearOfCycle(year)) / Cycle;
        return ((long)cycles * DaysPerCycle) + new DateOnly(YearOfCycle(year), month, day).DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
    }

    private static bool Take(ref ReadOnlySpan<byte> rest, int digits, out int value)
    {
        value = 0;
        if (rest.Length < digits)
        {
            return false;
        }

        foreach (var digit in rest[..digits])
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            value = (value * 10) + digit - '0';
        }

        rest = rest[digits..];
        return true;
    }

    private static bool TakeMark(ref ReadOnlySpan<byte> rest, char mark)
    {
        if (rest.IsEmpty || rest[0] != mark)
        {
            return false;
        }

        rest = rest[1..];
        return true;
    }

    private static bool TakeFraction(ref ReadOnlySpan<byte> rest, out int microseconds)
    {
        microseconds = 0;
        if (!TakeMark(ref rest, '.'))
        {
            return true;
        }

        var scale = 100_000;
        var digits = 0;
        while (Take(ref rest, 1, out var digit))
        {
            microseconds += digit * scale;
            scale /= 10;
            digits++;
        }

        return digits is > 0 and <= 6;
    }

    private static bool TakeOffset(ref ReadOnlySpan<byte> rest, out int seconds)
    {
        seconds = 0;
        if (TakeMark(ref rest, 'Z'))
        {
            return true;
        }

        var west = !rest.IsEmpty && rest[0] == '-';
        if (!(TakeMark(ref rest, '+') || TakeMark(ref rest, '-')) || !Take(ref rest, 2, out var hours))
        {
            return false;
        }

        // Seconds: before time zones a city had its own sun time, and PostgreSQL writes it out.
        var minutes = 0;
        var beyond = 0;
        if (TakeMark(ref rest, ':')
            && (!Take(ref rest, 2, out minutes) || (TakeMark(ref rest, ':') && !Take(ref rest, 2, out beyond))))
        {
            return false;
        }

        seconds = ((hours * 3600) + (minutes * 60) + beyond) * (west ? -1 : 1);
        return true;
    }
}
