using System.Globalization;
using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.Testing.Local;

/// <summary>Tells which of two timestamps of a server is later. Years before Christ and beyond 9999, and the infinities, have no usual text.</summary>
internal static class CursorTime
{
    private const int YearAloneDecides = 10_000;

    public static int Compare(string time, string than)
    {
        var byYear = YearOf(time).CompareTo(YearOf(than));
        return byYear != 0 ? byYear
            : PostgresTimestamp.TryParse(time, out var left) && PostgresTimestamp.TryParse(than, out var right) ? left.CompareTo(right)
            : string.CompareOrdinal(time, than);
    }

    /// <summary>Returns the year of a time that has no usual text; of all others one and the same, since an offset may move them across it.</summary>
    private static int YearOf(string text)
    {
        if (text is "infinity" or "-infinity")
        {
            return text[0] == '-' ? int.MinValue : int.MaxValue;
        }

        var end = text.IndexOf('-', StringComparison.Ordinal);
        if (end < 0 || !int.TryParse(text.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out var year))
        {
            return 1;
        }

        return text.EndsWith(" BC", StringComparison.Ordinal) ? -year : year < YearAloneDecides ? 1 : year;
    }
}
