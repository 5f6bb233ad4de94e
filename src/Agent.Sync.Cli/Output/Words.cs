using System.Globalization;
using System.Text;

namespace Agent.Sync.Cli.Output;

/// <summary>Numbers as people read them; the same everywhere, whatever the machine's language.</summary>
internal static class Words
{
    private static readonly string[] Units = ["bytes", "KB", "MB", "GB", "TB"];

    public static string Count(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Changes(long count) => Counted(count, "change");

    public static string Counted(long count, string what) => count == 1 ? $"1 {what}" : $"{Count(count)} {what}s";

    /// <summary>Breaks a text at blanks into lines that stand beside a label on a terminal of 80 columns. A word that is longer stays whole.</summary>
    public static IEnumerable<string> Lines(string text)
    {
        const int Width = 68;
        var line = new StringBuilder();
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > Width)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length == 0 ? "" : " ").Append(word);
        }

        yield return line.ToString();
    }

    public static string Percent(double fraction) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(fraction * 100):0}%");

    public static string Bytes(double value)
    {
        var unit = 0;
        while (value >= 1000 && unit < Units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return value.ToString(unit > 0 && value < 100 ? "0.0" : "0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    public static string Seconds(double seconds) => seconds switch
    {
        < 9.95 => seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        < 59.5 => seconds.ToString("0", CultureInfo.InvariantCulture) + " s",
        < 3599.5 => TimeSpan.FromSeconds(Math.Round(seconds)).ToString(@"m\:ss", CultureInfo.InvariantCulture) + " min",
        _ => TimeSpan.FromSeconds(Math.Round(seconds)).ToString(@"h\:mm", CultureInfo.InvariantCulture) + " h",
    };

    public static string Position(long rows, long? total) => total is { } all and > 0 ? $"{Count(rows)} of {Count(all)}" : Count(rows);

    public static string ProgressLine(SyncProgress progress)
    {
        var what = progress.Phase == SyncPhase.Push ? "changes sent" : "rows";
        var line = $"{progress.Dataset}: {Position(progress.Completed, progress.Phase == SyncPhase.Completed ? null : progress.Total)} {what}";
        if (progress is { Fraction: { } fraction, Total: not 0, Phase: not SyncPhase.Completed })
        {
            line += $" ({Percent(fraction)})";
        }

        if (progress.RowsPerSecond is { } rate and >= 1)
        {
            line += $", {Count(rate)} rows/s";
        }

        if (progress is { EstimatedTimeLeft: { } left, Phase: not SyncPhase.Completed })
        {
            line += $", {Seconds(left.TotalSeconds)} left";
        }

        return progress.Phase == SyncPhase.Completed ? line + ", complete" : line;
    }
}
