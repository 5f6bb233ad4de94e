using System.Buffers.Text;
using System.Globalization;
using System.Runtime.Intrinsics;

namespace Agent.Sync.Sqlite.Values;

/// <summary>The texts that DateTimeOffset, DateTime and TimeOnly parameters of Microsoft.Data.Sqlite have.</summary>
internal static class TimeText
{
    /// <summary>The room that a text needs at its destination.</summary>
    public const int MaxLength = 64;

    private const int MaxSourceLength = 48;

    private const int SecondsLength = 19;

    private const int TimeFractionDigits = 7;

    private static ReadOnlySpan<byte> Shape => "0000-00-00T00:00:00"u8;

    private static ReadOnlySpan<byte> Utc => "+00:00"u8;

    /// <summary>Writes <c>yyyy-MM-dd HH:mm:ss[.f]+00:00</c>. These texts sort in time order, since '+' is below '.' is below the digits.</summary>
    /// <returns>The bytes written; 0 for what has no such form (infinity, years beyond 1 to 9999) and is kept as it is.</returns>
    public static int WriteTimestamptz(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        if (text.Length > MaxSourceLength || !TrySplit(text, out var fraction, out var zone))
        {
            return 0;
        }

        int written;
        if (zone.SequenceEqual(Utc) || zone is [(byte)'Z'] || zone.SequenceEqual("+00"u8))
        {
            text[..SecondsLength].CopyTo(destination);
            destination[10] = (byte)' ';
            written = SecondsLength;
        }
        else if (!TryMoveToUtc(text[..SecondsLength], zone, destination, out written))
        {
            return 0;
        }

        written += AppendFraction(fraction, destination[written..]);
        Utc.CopyTo(destination[written..]);
        return written + Utc.Length;
    }

    /// <summary>Writes <c>yyyy-MM-dd HH:mm:ss[.f]</c>.</summary>
    /// <returns>The bytes written; 0 for what has no such form and is kept as it is.</returns>
    public static int WriteTimestamp(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        if (text.Length > MaxSourceLength || !TrySplit(text, out var fraction, out var zone) || !zone.IsEmpty)
        {
            return 0;
        }

        text[..SecondsLength].CopyTo(destination);
        destination[10] = (byte)' ';
        return SecondsLength + AppendFraction(fraction, destination[SecondsLength..]);
    }

    /// <summary>Writes <c>HH:mm:ss</c>, with seven digits of a fraction that is not zero.</summary>
    /// <returns>The bytes written; 0 for what has no such form and is kept as it is.</returns>
    public static int WriteTime(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        const int Length = 8;
        if (text.Length is < Length or > Length + 1 + TimeFractionDigits || !HasShape(text[..Length], Shape[11..]))
        {
            return 0;
        }

        text[..Length].CopyTo(destination);
        if (text.Length == Length)
        {
            return Length;
        }

        var fraction = text[(Length + 1)..];
        if (text[Length] != (byte)'.' || fraction.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return 0;
        }

        if (!fraction.ContainsAnyExcept((byte)'0'))
        {
            return Length;
        }

        destination[Length] = (byte)'.';
        destination.Slice(Length + 1, TimeFractionDigits).Fill((byte)'0');
        fraction.CopyTo(destination[(Length + 1)..]);
        return Length + 1 + TimeFractionDigits;
    }

    /// <summary>Splits a timestamp into seconds (its first 19 characters), fraction without trailing zeros, and zone.</summary>
    public static bool TrySplit(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> fraction, out ReadOnlySpan<byte> zone)
    {
        fraction = default;
        zone = default;
        if (text.Length < SecondsLength || !HasTimestampShape(text[..SecondsLength]))
        {
            return false;
        }

        zone = text[SecondsLength..];
        if (!zone.IsEmpty && zone[0] == (byte)'.')
        {
            var digits = zone[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            var length = digits < 0 ? zone.Length - 1 : digits;
            fraction = zone.Slice(1, length).TrimEnd((byte)'0');
            zone = zone[(length + 1)..];
        }

        return true;
    }

    // Sixteen characters at a time: there are two or more of these in most rows.
    private static bool HasTimestampShape(ReadOnlySpan<byte> text)
    {
        var shape = Vector128.Create(Shape);
        var room = Vector128.ConditionalSelect(Vector128.Equals(shape, Vector128.Create((byte)'0')), Vector128.Create((byte)9), default);
        return (Vector128.LessThanOrEqualAll(Vector128.Create(text) - shape, room) || HasShape(text[..Vector128<byte>.Count], Shape[..Vector128<byte>.Count]))
            && HasShape(text[Vector128<byte>.Count..], Shape[Vector128<byte>.Count..]);
    }

    private static bool HasShape(ReadOnlySpan<byte> text, ReadOnlySpan<byte> shape)
    {
        for (var i = 0; i < shape.Length; i++)
        {
            var fits = shape[i] switch
            {
                (byte)'0' => char.IsAsciiDigit((char)text[i]),
                (byte)'T' => text[i] is (byte)'T' or (byte)' ',
                var other => text[i] == other,
            };
            if (!fits)
            {
                return false;
            }
        }

        return true;
    }

    private static int AppendFraction(ReadOnlySpan<byte> fraction, Span<byte> destination)
    {
        if (fraction.IsEmpty)
        {
            return 0;
        }

        destination[0] = (byte)'.';
        fraction.CopyTo(destination[1..]);
        return fraction.Length + 1;
    }

    private static bool TryMoveToUtc(ReadOnlySpan<byte> seconds, ReadOnlySpan<byte> zone, Span<byte> destination, out int written)
    {
        written = 0;
        if (!TryReadZone(zone, out var offset)
            || Number(seconds[..4]) is not (var year and > 0)
            || Number(seconds[5..7]) is not (var month and >= 1 and <= 12)
            || Number(seconds[8..10]) is not (var day and >= 1)
            || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        var time = new TimeSpan(Number(seconds[11..13]), Number(seconds[14..16]), Number(seconds[17..19]));
        var ticks = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Unspecified).Ticks + (time - offset).Ticks;
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        return new DateTime(ticks, DateTimeKind.Unspecified)
            .TryFormat(destination, out written, @"yyyy\-MM\-dd HH\:mm\:ss", CultureInfo.InvariantCulture);
    }

    // PostgreSQL writes +hh, +hh:mm, and for old dates of some places +hh:mm:ss.
    public static bool TryReadZone(ReadOnlySpan<byte> zone, out TimeSpan offset)
    {
        offset = default;
        if (zone.Length is not (3 or 6 or 9) || zone[0] is not ((byte)'+' or (byte)'-') || !HasShape(zone[1..], "00:00:00"u8[..(zone.Length - 1)]))
        {
            return false;
        }

        offset = new TimeSpan(Number(zone[1..3]), zone.Length > 3 ? Number(zone[4..6]) : 0, zone.Length > 6 ? Number(zone[7..9]) : 0);
        offset = zone[0] == (byte)'-' ? -offset : offset;
        return true;
    }

    private static int Number(ReadOnlySpan<byte> digits) => Utf8Parser.TryParse(digits, out int value, out _) ? value : 0;
}
