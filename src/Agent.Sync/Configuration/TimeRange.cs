using System.Globalization;

namespace Agent.Sync.Configuration;

/// <summary>The shortest and the longest time an option accepts, both included.</summary>
internal sealed record TimeRange(TimeSpan Minimum, TimeSpan Maximum)
{
    public bool Contains(TimeSpan value) => value >= Minimum && value <= Maximum;

    public NumberRange In(TimeSpan unit) => new(Minimum / unit, Maximum / unit);

    public override string ToString() => $"{Text(Minimum)} to {Text(Maximum)}";

    public static string Text(TimeSpan value) =>
        value.TotalSeconds is 0 or >= 1 or <= -1
            ? string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds:#,0.###} s")
            : string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds:0.###} ms");
}
