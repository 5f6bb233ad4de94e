using Agent.Sync.ShapeTests.Running;
using Agent.Sync.ShapeTests.Servers;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests;

/// <summary>Shapes whose server is the double.</summary>
public sealed class DoubleShapeTests
{
    public static TheoryData<int> Seeds => [.. ShapeSeeds.All.Where(static seed => !ShapeGenerator.UsesPostgreSql(seed))];

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Seeds))]
    public Task Sync_OfARandomShape_KeepsEveryPromise(int seed) =>
        Verdict.RequireAsync(seed, static shape => Task.FromResult<IShapeServer>(new DoubleServer(shape)));
}
