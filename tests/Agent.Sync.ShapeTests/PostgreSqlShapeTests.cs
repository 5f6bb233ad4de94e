using Agent.Sync.ShapeTests.Running;
using Agent.Sync.ShapeTests.Servers;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests;

/// <summary>Shapes whose server is PostgreSQL behind the local backend.</summary>
public sealed class PostgreSqlShapeTests(ShapeBackend backend)
{
    public static TheoryData<int> Seeds => [.. ShapeSeeds.All.Where(ShapeGenerator.UsesPostgreSql)];

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Seeds))]
    public async Task Sync_OfARandomShape_KeepsEveryPromise(int seed)
    {
        Assert.SkipUnless(backend.HasPostgreSql, "Needs PostgreSQL: PGlite has one session, and the oracles ask beside the API.");
        await Verdict.RequireAsync(seed, async shape => await PostgreSqlServer.OpenAsync(backend, shape));
    }
}
