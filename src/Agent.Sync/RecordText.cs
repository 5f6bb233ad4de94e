using System.Globalization;
using System.Text;

namespace Agent.Sync;

/// <summary>Writes results and status as an app shows them: one line, invariant culture, no zeros.</summary>
internal static class RecordText
{
    /// <summary>Appends the names of a request, of which .NET prints the type's name.</summary>
    public static StringBuilder AppendList<T>(this StringBuilder text, IEnumerable<T>? items) =>
        items is null ? text.Append("null") : text.Append('[').AppendJoin(", ", items).Append(']');

    /// <summary>Returns the counts that are not zero, such as <c>7 applied, 1 rejected</c>; empty when all are.</summary>
    public static string Counts(params ReadOnlySpan<(long Count, string Word)> counts)
    {
        var text = new StringBuilder();
        foreach (var (count, word) in counts)
        {
            if (count != 0)
            {
                text.Append(text.Length == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture, $"{count:N0} {word}");
            }
        }

        return text.ToString();
    }

    /// <summary>Returns a time with the two units that matter, such as <c>850 ms</c>, <c>1.5 s</c>, <c>3 min 20 s</c> or <c>2 h 5 min</c>.</summary>
    public static string Time(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours} h {time.Minutes} min"),
    };
}
