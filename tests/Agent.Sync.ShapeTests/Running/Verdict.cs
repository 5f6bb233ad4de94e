using Agent.Sync.ShapeTests.Histories;
using Agent.Sync.ShapeTests.Servers;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Running;

/// <summary>What a seed's test says.</summary>
internal static class Verdict
{
    /// <summary>Fails with the shape and its history unless every promise held.</summary>
    public static async Task RequireAsync(int seed, Func<Shape, Task<IShapeServer>> open)
    {
        var shape = ShapeGenerator.Make(seed);
        IReadOnlyList<Step> steps = [.. HistoryGenerator.Make(shape).Where(static step => ShapeSeeds.Steps?.Contains(step.Number) != false)];
        var broken = await ShapeTrial.RunAsync(shape, await open(shape), steps);
        if (broken is not null && ShapeSeeds.Shrinks)
        {
            broken = await ShrinkAsync(shape, open, steps, broken);
        }

        Assert.True(broken is null, broken?.Report);
    }

    /// <summary>Leaves out steps, many at first, then fewer, while the same promise stays broken.</summary>
    private static async Task<BrokenPromise> ShrinkAsync(Shape shape, Func<Shape, Task<IShapeServer>> open, IReadOnlyList<Step> steps, BrokenPromise broken)
    {
        for (var size = Math.Max(1, steps.Count / 2); size > 0; size /= 2)
        {
            for (var start = steps.Count - size; start >= 0; start -= size)
            {
                IReadOnlyList<Step> fewer = [.. steps.Take(start), .. steps.Skip(start + size)];
                if (await ShapeTrial.RunAsync(shape, await open(shape), fewer) is { } again && again.Promise == broken.Promise)
                {
                    (steps, broken) = (fewer, again);
                }
            }
        }

        return broken;
    }
}
