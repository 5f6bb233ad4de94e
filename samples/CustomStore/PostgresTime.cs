using System.Globalization;
using System.Text.RegularExpressions;

namespace CustomStore;

/// <summary>Reads PostgreSQL's times for comparing. They go from 4713 BC to the year 294276 and to infinity, beyond what .NET's calendar has.</summary>
internal static partial class PostgresTime
{
    private const int Cycle = 400;
    private const int DaysPerCycle = 146_097;

    /// <summary>Returns ticks that compare as the times do. The calendar repeats every 400 years, so that any of them is read as a year from 401 to 800.</summary>
    public static Int128 Parse(string text)
    {
        if (text is "infinity" or "-infinity")
        {
            return text[0] == '-' ? Int128.MinValue : Int128.MaxValue;
        }

        var match = Time().Match(text);
        var year = int.Parse(match.Groups["year"].Value, CultureInfo.InvariantCulture);
        year = match.Groups["bc"].Success ? 1 - year : year;
        var cycles = (int)Math.Floor((year - 1) / (double)Cycle);
        var rest = $"{year - (cycles * Cycle) + Cycle:D4}{match.Groups["rest"].Value.Replace(' ', 'T')}";
        return DateTimeOffset.Parse(rest, CultureInfo.InvariantCulture).UtcTicks + ((Int128)cycles * DaysPerCycle * TimeSpan.TicksPerDay);
    }

    [GeneratedRegex("^(?<year>[0-9]+)(?<rest>-.*?)(?<bc> BC)?$")]
    private static partial Regex Time();
}
