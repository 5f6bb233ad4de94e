using System.Globalization;

namespace Agent.Sync.SimulationTests;

/// <summary>Which seeds a simulation runs: 200 by default, others by hand with <c>SIMULATION_SEEDS=201-2000</c>, or one as <c>26-26</c>.</summary>
internal static class SimulationSeeds
{
    public const int RunTwice = 20;

    private const string Default = "1-200";

    public static IReadOnlyList<int> All { get; } = Parse(Environment.GetEnvironmentVariable("SIMULATION_SEEDS") ?? Default);

    private static int[] Parse(string range)
    {
        var ends = range.Split('-');
        var first = int.Parse(ends[0], CultureInfo.InvariantCulture);
        return [.. Enumerable.Range(first, int.Parse(ends[1], CultureInfo.InvariantCulture) - first + 1)];
    }
}
