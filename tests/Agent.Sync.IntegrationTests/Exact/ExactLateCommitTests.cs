using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Exact;

/// <summary>Transactions that stay open and commit out of order. No lag is configured to help: the grade does not use it.</summary>
[Collection(ExactCollection.Name)]
public sealed class ExactLateCommitTests(BackendFixture backends)
{
    [Fact]
    public async Task SyncAsync_LateCommitsAboveAndBelowYoungerOnes_AllArrive()
    {
        await using var scene = await OpenAsync(20);
        await scene.SyncAsync();
        await scene.SqlAsync("begin; " + scene.Insert(100, 3) + scene.Update("label = 'late'", "row = 1") + scene.Delete("row = 2"), Session(scene, 1));
        await scene.SqlAsync("begin; " + scene.Insert(200, 3) + scene.Update("label = 'later'", "row = 3"), Session(scene, 2));
        await scene.SqlAsync(scene.Insert(300, 3));

        Assert.Equal(3, (await scene.SyncAsync()).Applied);
        await scene.CommitAsync(Session(scene, 2));
        Assert.Equal(4, (await scene.SyncAsync()).Applied);
        await scene.AssertEqualAsync();
        await scene.CommitAsync(Session(scene, 1));
        var last = await scene.SyncAsync();

        Assert.Equal((4L, 1L), (last.Applied, last.Deleted));
        await scene.AssertEqualAsync();
        Assert.Equal((0L, 0L), await QuietAsync(scene));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6)]
    public async Task SyncAsync_CommitDuringTheRun_ArrivesByTheNext(int request)
    {
        await using var scene = await OpenAsync(40);
        await scene.SqlAsync("begin; " + scene.Insert(100, 15) + scene.Update("label = 'late'", "row <= 5") + scene.Delete("row between 6 and 9"), Session(scene, 1));
        scene.Device.Requests.Before = async number =>
        {
            if (number == request)
            {
                await scene.CommitAsync(Session(scene, 1));
            }
        };

        await scene.SyncAsync();
        Assert.True(scene.Device.Requests.Count > request);
        await scene.SyncAsync();

        await scene.AssertEqualAsync();
    }

    [Fact]
    public async Task SyncAsync_OlderTransactionWritesRowsLast_TheirLastStateArrives()
    {
        await using var scene = await OpenAsync(40);
        await scene.SyncAsync();

        // It has its id before the younger one, and writes the rows after it.
        await scene.SqlAsync("begin; select pg_current_xact_id();", Session(scene, 1));
        await scene.SqlAsync(scene.Update("label = 'younger'"));
        Assert.Equal(40, (await scene.SyncAsync()).Applied);
        await scene.SqlAsync(scene.Update("label = 'older, but last'"), Session(scene, 1));
        await scene.CommitAsync(Session(scene, 1));

        var result = await scene.SyncAsync();

        // More than a page of rows that are ahead of every transaction id so far.
        Assert.Equal(40, result.Applied);
        Assert.False(result.HasMore);
        await scene.AssertEqualAsync();
    }

    [Fact]
    public async Task SyncAsync_SavepointsAndRollbacks_LeaveNoTrace()
    {
        await using var scene = await OpenAsync(10);
        await scene.SyncAsync();
        await scene.SqlAsync(
            $"""
            begin; {scene.Update("label = 'kept'", "row = 1")} savepoint a; {scene.Update("label = 'undone'", "row = 2")} {scene.Delete("row = 3")}
            rollback to a; {scene.Update("label = 'kept too'", "row = 4")} commit;
            begin; {scene.Delete()} rollback;
            """);

        var result = await scene.SyncAsync();

        Assert.Equal((2L, 0L), (result.Applied, result.Deleted));
        await scene.AssertEqualAsync();
    }

    [Fact]
    public async Task SyncAsync_WriterIdleInTransaction_EndsTellsAndDeliversWhatIsCommittedAbove()
    {
        await using var scene = await OpenAsync(10);
        await scene.SyncAsync();
        var before = (await scene.SqlAsync("select clock_timestamp() as now"))[0].GetProperty("now").GetDateTimeOffset();
        await scene.SqlAsync("begin; " + scene.Update("label = 'idle'", "row = 1"), Session(scene, 1));
        await scene.SqlAsync(scene.Insert(100, 45) + scene.Delete("row between 2 and 5"));

        var first = await scene.SyncAsync();
        var second = await scene.SyncAsync();

        Assert.Equal((SyncOutcome.Completed, 45L, 4L), (first.Outcome, first.Applied, first.Deleted));
        Assert.False(first.HasMore);
        Assert.InRange(first.HorizonHeldSince!.Value, before, before.AddMinutes(5));
        Assert.Equal((0L, first.HorizonHeldSince), (second.Applied, second.HorizonHeldSince));
        await scene.AssertEqualAsync();

        await scene.CommitAsync(Session(scene, 1));
        Assert.Equal(1, (await scene.SyncAsync()).Applied);
        await scene.AssertEqualAsync();
        Assert.Null((await scene.SyncAsync()).HorizonHeldSince);
        Assert.Equal((0L, 0L), await QuietAsync(scene));
    }

    private static string Session(ExactScene scene, int number) => $"exact-{scene.First}-{number}";

    private static async Task<(long Applied, long Unchanged)> QuietAsync(ExactScene scene)
    {
        var result = await scene.SyncAsync();
        return (result.Applied, result.Unchanged);
    }

    private async Task<ExactScene> OpenAsync(int rows)
    {
        var scene = await ExactScene.OpenAsync(await backends.GetExactAsync());
        await scene.SqlAsync(scene.Insert(1, rows));
        return scene;
    }
}
