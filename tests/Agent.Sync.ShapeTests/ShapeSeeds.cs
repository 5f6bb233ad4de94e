using System.Globalization;

namespace Agent.Sync.ShapeTests;

/// <summary>What the environment asks for: which shapes, which of their steps, and whether a failure is shrunk.</summary>
internal static class ShapeSeeds
{
    private const string Default = "1-200";

    /// <summary>Gets the seeds: 1 to 200 by default, others with <c>SHAPE_SEEDS=7,201-2000</c>, one with <c>SHAPE_SEED=123</c>.</summary>
    public static IReadOnlyList<int> All { get; } = Parse(Read("SHAPE_SEED") ?? Read("SHAPE_SEEDS") ?? Default);

    /// <summary>Gets the steps that are carried out, as <c>SHAPE_STEPS=1,4,7</c> names them; null, the default, for all.</summary>
    public static IReadOnlySet<int>? Steps { get; } = Read("SHAPE_STEPS") is { } steps ? steps.Split(',').Select(static step => int.Parse(step, CultureInfo.InvariantCulture)).ToHashSet() : null;

    /// <summary>Gets whether a history that fails is tried again with fewer steps: <c>SHAPE_SHRINK=1</c>.</summary>
    public static bool Shrinks { get; } = Read("SHAPE_SHRINK") == "1";

    private static string? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static int[] Parse(string list) => [.. list.Split(',').SelectMany(static range =>
    {
        var ends = Array.ConvertAll(range.Split('-'), static end => int.Parse(end, CultureInfo.InvariantCulture));
        return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
    })];
}
