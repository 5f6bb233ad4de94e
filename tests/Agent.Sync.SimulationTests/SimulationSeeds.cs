using System.Globalization;

namespace Agent.Sync.SimulationTests;

/// <summary>Which seeds a simulation runs: 1,000 by default, others by hand with <c>SIMULATION_SEEDS=1001-2000</c>, or one as <c>26-26</c>.</summary>
internal static class SimulationSeeds
{
    public const int RunTwice = 20;

    private const string Default = "1-1000";

    public static IReadOnlyList<int> All { get; } = Parse(Environment.GetEnvironmentVariable("SIMULATION_SEEDS") ?? Default);

    /// <summary>Gets how much of what happened a failure prints: all of it where one seed is run again.</summary>
    public static int Told => All.Count == 1 ? int.MaxValue : 60;

    /// <summary>Gets a value indicating whether there are so many that everything that can happen must have.</summary>
    public static bool AreMany => All.Count >= 1000;

    private static int[] Parse(string range)
    {
        var ends = range.Split('-');
        var first = int.Parse(ends[0], CultureInfo.InvariantCulture);
        return [.. Enumerable.Range(first, int.Parse(ends[1], CultureInfo.InvariantCulture) - first + 1)];
    }
}
