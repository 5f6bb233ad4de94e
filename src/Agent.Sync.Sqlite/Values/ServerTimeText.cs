using System.Buffers;

namespace Agent.Sync.Sqlite.Values;

/// <summary>The texts that PostgreSQL reads for what the app or the store kept as a time: the inverse of <see cref="TimeText"/>.</summary>
internal static class ServerTimeText
{
    private const int SecondsLength = 19;

    private const int DateLength = 10;

    private const int TimeLength = 8;

    /// <summary>PostgreSQL keeps microseconds; a .NET value may have one digit more.</summary>
    private const int FractionDigits = 6;

    private static ReadOnlySpan<byte> Utc => "+00:00"u8;

    // What else PostgreSQL writes: infinity, years beyond four digits, BC.
    private static readonly SearchValues<byte> Allowed = SearchValues.Create("0123456789-+:. TZBCinfty"u8);

    /// <summary>Writes a value of a date or time column.</summary>
    /// <param name="type">The column's type.</param>
    /// <param name="text">The stored text.</param>
    /// <param name="destination">At least <see cref="TimeText.MaxLength"/> bytes.</param>
    /// <param name="written">The bytes written.</param>
    /// <returns>False for a text that is no time.</returns>
    public static bool TryWrite(ColumnType type, ReadOnlySpan<byte> text, Span<byte> destination, out int written)
    {
        written = type switch
        {
            ColumnType.Timestamptz => WriteTimestamp(text, destination, hasZone: true),
            ColumnType.Timestamp => WriteTimestamp(text, destination, hasZone: false),
            ColumnType.Time => WriteTime(text, destination),
            // A DateTime parameter of a date has its midnight.
            _ => text.Length == SecondsLength && text[DateLength..].SequenceEqual(" 00:00:00"u8) ? Copy(text[..DateLength], destination) : 0,
        };
        if (written > 0)
        {
            return true;
        }

        if (text.IsEmpty || text.Length > TimeText.MaxLength || text.ContainsAnyExcept(Allowed))
        {
            return false;
        }

        written = Copy(text, destination);
        return true;
    }

    private static int WriteTimestamp(ReadOnlySpan<byte> text, Span<byte> destination, bool hasZone)
    {
        if (text.Length > TimeText.MaxLength || !TimeText.TrySplit(text, out var fraction, out var zone))
        {
            return 0;
        }

        var isUtc = zone.IsEmpty || zone is [(byte)'Z'];
        if (hasZone ? !isUtc && !TimeText.TryReadZone(zone, out _) : !zone.IsEmpty)
        {
            return 0;
        }

        var written = Copy(text[..SecondsLength], destination);
        destination[DateLength] = (byte)'T';
        written += AppendFraction(fraction, destination[written..]);
        return hasZone ? written + Copy(isUtc ? Utc : zone, destination[written..]) : written;
    }

    private static int WriteTime(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        if (text.Length <= TimeLength + 1 || text[TimeLength] != (byte)'.' || text[(TimeLength + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return 0;
        }

        var written = Copy(text[..TimeLength], destination);
        return written + AppendFraction(text[(TimeLength + 1)..], destination[written..]);
    }

    private static int AppendFraction(ReadOnlySpan<byte> fraction, Span<byte> destination)
    {
        var kept = fraction[..Math.Min(fraction.Length, FractionDigits)].TrimEnd((byte)'0');
        if (kept.IsEmpty)
        {
            return 0;
        }

        destination[0] = (byte)'.';
        return 1 + Copy(kept, destination[1..]);
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        text.CopyTo(destination);
        return text.Length;
    }
}
