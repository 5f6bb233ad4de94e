using BenchmarkSuite.Results;

namespace BenchmarkSuite.Reporting;

/// <summary>The medians of every peer in every cell.</summary>
internal sealed class MedianTable
{
    private readonly Dictionary<(string Peer, string Cell), Median> _medians;

    public MedianTable(IEnumerable<Sample> samples) =>
        _medians = samples.GroupBy(static sample => (sample.Peer, sample.Cell)).ToDictionary(static group => group.Key, static group => Median.Of([.. group]));

    public Median? Of(string peer, string cell) => _medians.GetValueOrDefault((peer, cell));

    /// <summary>Returns how a peer's medians relate to another's; null where one of them has none.</summary>
    public (double Wall, double Cpu)? Ratio(string peer, string reference, string cell) =>
        Of(peer, cell) is { } one && Of(reference, cell) is { } other ? (one.Wall / other.Wall, one.Cpu / other.Cpu) : null;
}

/// <summary>What the rounds of one peer in one cell come to.</summary>
internal sealed record Median
{
    public required double Wall { get; init; }

    public required double Fastest { get; init; }

    public required double Slowest { get; init; }

    public required double Cpu { get; init; }

    public required double ServerCpu { get; init; }

    public double? Peak { get; init; }

    public double? Allocated { get; init; }

    /// <summary>Gets a value indicating whether it ended without all rows.</summary>
    public bool IsShort { get; init; }

    public static Median Of(Sample[] samples) => new()
    {
        Wall = Middle(samples.Select(static sample => sample.Wall)),
        Fastest = samples.Min(static sample => sample.Wall),
        Slowest = samples.Max(static sample => sample.Wall),
        Cpu = Middle(samples.Select(static sample => sample.Cpu)),
        ServerCpu = Middle(samples.Select(static sample => sample.ServerCpu)),
        Peak = samples.Any(static sample => sample.PeakMegabytes is null) ? null : Middle(samples.Select(static sample => sample.PeakMegabytes!.Value)),
        Allocated = samples.Any(static sample => sample.AllocatedMegabytes is null) ? null : Middle(samples.Select(static sample => sample.AllocatedMegabytes!.Value)),
        IsShort = samples.Any(static sample => sample.RowsOnly is not null),
    };

    private static double Middle(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var half = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
