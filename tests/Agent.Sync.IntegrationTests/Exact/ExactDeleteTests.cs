using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Exact;

/// <summary>A real DELETE stays a real DELETE on the server, and reaches the device all the same.</summary>
[Collection(ExactCollection.Name)]
public sealed class ExactDeleteTests(BackendFixture backends)
{
    [Fact]
    public async Task SyncAsync_RowsDeleted_GoWithoutAResyncAndBeyondTheMassDeleteGuard()
    {
        await using var scene = await OpenAsync();
        await scene.SqlAsync(scene.Delete("row > 2"));

        var result = await scene.SyncAsync();

        Assert.Equal((SyncOutcome.Completed, 28L), (result.Outcome, result.Deleted));
        await scene.AssertEqualAsync();
    }

    [Fact]
    public async Task SyncAsync_ParentDeletedWithCascade_TakesItsChildrenAlong()
    {
        await using var scene = await ExactScene.OpenAsync(await backends.GetExactAsync(), ExactDatasets.Volumes, ExactDatasets.Chapters);
        await scene.SqlAsync(
            $"""
            {scene.Insert(1, 3, "volumes")}
            insert into public.chapters (id, volume_id, owner_id) select id * 10 + i, id, owner_id from public.volumes, generate_series(1, 5) as i where owner_id = '{scene.User.Id}';
            """);
        await scene.SyncAsync();
        await scene.SqlAsync(scene.Delete("row = 2", "volumes"));

        var result = await scene.Device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(6, result.Deleted);
        await scene.AssertEqualAsync();
    }

    [Fact]
    public async Task SyncAsync_KeyUpdated_IsADeleteAndAnInsert()
    {
        await using var scene = await OpenAsync();
        await scene.SqlAsync(scene.Update("id = id + 1000", "row <= 2"));

        var result = await scene.SyncAsync();

        Assert.Equal((2L, 2L), (result.Applied, result.Deleted));
        await scene.AssertEqualAsync();
    }

    [Fact]
    public async Task SyncAsync_DeletedAndInsertedInOneTransaction_Stays()
    {
        await using var scene = await OpenAsync();
        await scene.SqlAsync($"begin; {scene.Delete("row <= 3")} {scene.Insert(1, 3, label: "'again'")} commit;");
        await scene.SqlAsync($"{scene.Delete("row between 4 and 6")} {scene.Insert(4, 3, label: "'again'")} {scene.Delete("row = 6")}");

        var result = await scene.SyncAsync();

        Assert.Equal((5L, 1L), (result.Applied, result.Deleted));
        await scene.AssertEqualAsync();
    }

    [Fact]
    public async Task SyncAsync_OwnerChangedAwayAndBack_LeavesTheDeviceAndReturns()
    {
        await using var scene = await OpenAsync();
        var other = await scene.Backend.SignUpAsync();
        await using var others = new Device(scene.Backend, other, ExactDatasets.Notes);
        await others.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        await scene.SqlAsync(scene.Update($"owner_id = '{other.Id}'", "row <= 4"));
        var away = await scene.SyncAsync();
        await others.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(4, away.Deleted);
        await scene.AssertEqualAsync();
        await others.AssertEqualToServerAsync();

        await scene.SqlAsync(scene.Update($"owner_id = '{scene.User.Id}'", "row <= 4"));
        var back = await scene.SyncAsync();
        var theirs = await others.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((4L, 0L), (back.Applied, back.Deleted));
        Assert.Equal(4, theirs.Deleted);
        await scene.AssertEqualAsync();
        await others.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_OwnerChangedAwayAndBackBetweenRuns_Stays()
    {
        await using var scene = await OpenAsync();
        var other = await scene.Backend.SignUpAsync();
        await scene.SqlAsync(scene.Update($"owner_id = '{other.Id}'", "row <= 4"));
        await scene.SqlAsync(scene.Update($"owner_id = '{scene.User.Id}'", "row <= 4"));

        await scene.SyncAsync();

        await scene.AssertEqualAsync();
    }

    [Fact]
    public async Task SyncAsync_RowLeavesTheDatasetsFilterAndComesBack_FollowsIt()
    {
        await using var scene = await OpenAsync(ExactDatasets.NotesOfKindA);
        await scene.SqlAsync(scene.Update("kind = 'b'", "row <= 4"));
        Assert.Equal(4, (await scene.SyncAsync()).Deleted);
        await scene.AssertEqualAsync();

        await scene.SqlAsync(scene.Update("kind = 'a'", "row <= 2"));
        Assert.Equal(2, (await scene.SyncAsync()).Applied);
        await scene.AssertEqualAsync();
    }

    [Fact]
    public async Task SyncAsync_DeletesDuringTheBackfill_AreNoticedInThatRun()
    {
        await using var scene = await ExactScene.OpenAsync(await backends.GetExactAsync());
        await scene.SqlAsync(scene.Insert(1, 40));
        scene.Device.Requests.Before = async number =>
        {
            if (number == 4)
            {
                await scene.SqlAsync(scene.Delete("row in (1, 2, 39)"));
            }
        };

        await scene.SyncAsync();

        await scene.AssertEqualAsync();
    }

    private async Task<ExactScene> OpenAsync(params Dataset[] datasets)
    {
        var scene = await ExactScene.OpenAsync(await backends.GetExactAsync(), datasets);
        await scene.SqlAsync(scene.Insert(1, 30));
        await scene.SyncAsync();
        return scene;
    }
}
