using System.Globalization;

namespace Agent.Sync;

/// <summary>A snapshot of a verify. Immutable.</summary>
public sealed record VerifyProgress
{
    /// <summary>Gets the dataset being compared.</summary>
    public required string Dataset { get; init; }

    /// <summary>Gets what is being done.</summary>
    public required VerifyPhase Phase { get; init; }

    /// <summary>Gets the rows of the server that were compared so far, including those of the call that this one continues.</summary>
    public required long Compared { get; init; }

    /// <summary>Gets the completed share, 0 to 1, by the number of local rows; null where the store does not count them. It is 1 only at the end.</summary>
    public required double? Fraction { get; init; }

    /// <summary>Gets the differences found so far: rows that are missing, stale or extra.</summary>
    public required long Differences { get; init; }

    /// <summary>Gets the requests sent so far in this call, retries included.</summary>
    public required long Requests { get; init; }

    /// <summary>Gets the time since the call began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Returns one line for people, such as <c>artifacts: Rows, 12,000 compared (12 %), 3 differences</c>.</summary>
    /// <returns>A text without values of rows.</returns>
    public override string ToString()
    {
        var share = Fraction is { } fraction ? string.Create(CultureInfo.InvariantCulture, $" ({Math.Floor(fraction * 100):0} %)") : string.Empty;
        return string.Create(CultureInfo.InvariantCulture, $"{Dataset}: {Phase}, {Compared:N0} compared{share}, {Differences:N0} differences");
    }
}
