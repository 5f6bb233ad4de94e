using System.Globalization;

namespace Agent.Sync.Configuration;

/// <summary>The smallest and the largest number an option accepts.</summary>
/// <param name="Minimum">Included, unless <paramref name="IsAboveMinimum"/>.</param>
/// <param name="Maximum">Included; infinite for no bound.</param>
/// <param name="IsAboveMinimum">Whether the minimum itself is refused.</param>
internal sealed record NumberRange(double Minimum, double Maximum, bool IsAboveMinimum = false)
{
    // Written so that NaN is in no range.
    public bool Contains(double value) => (IsAboveMinimum ? value > Minimum : value >= Minimum) && value <= Maximum;

    public override string ToString()
    {
        var minimum = Text(Minimum);
        if (double.IsPositiveInfinity(Maximum))
        {
            return IsAboveMinimum ? $"above {minimum}" : $"at least {minimum}";
        }

        return IsAboveMinimum ? $"above {minimum}, at most {Text(Maximum)}" : $"{minimum} to {Text(Maximum)}";
    }

    private static string Text(double value) => value.ToString("#,0.###", CultureInfo.InvariantCulture);
}
