using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Exact;

/// <summary>Deletes in numbers on PostgreSQL, told by a dry run, refused, taken back, and allowed.</summary>
[Collection(ExactCollection.Name)]
public sealed class MassDeleteTests(BackendFixture backends)
{
    private const int Rows = 2_400;

    [Fact]
    public async Task SyncAsync_TableGivenToAnotherOwner_IsRefusedAndComesBackWithIt()
    {
        await using var scene = await OpenAsync();
        var other = await scene.Backend.SignUpAsync();
        await scene.SqlAsync(scene.Update($"owner_id = '{other.Id}'", "row <= 2000") + scene.Insert(5_000, 1));

        var dry = await scene.SyncAsync(new SyncRequest { DryRun = true });
        var refused = await scene.SyncAsync();

        Assert.Equal((SyncOutcome.MassDeleteRefused, 2_000L, 1L, false), (dry.Outcome, dry.Deleted, dry.Applied, dry.IsEstimate));
        Assert.Equal((SyncOutcome.MassDeleteRefused, 0L, 1L), (refused.Outcome, refused.Deleted, refused.Applied));
        Assert.Equal(Rows + 1, await scene.Device.CountAsync());

        await scene.SqlAsync(scene.Update($"owner_id = '{scene.User.Id}'", "row <= 2000"));
        Assert.Equal((SyncOutcome.Completed, 0L), await OutcomeAsync(scene));
        await scene.AssertEqualAsync();
    }

    [Fact]
    public async Task SyncAsync_TableDeletedFrom_IsRefusedUntilItIsAllowed()
    {
        await using var scene = await OpenAsync();
        await scene.SqlAsync(scene.Delete("row <= 1300"));

        Assert.Equal((SyncOutcome.MassDeleteRefused, 0L), await OutcomeAsync(scene));
        Assert.Equal((SyncOutcome.MassDeleteRefused, 0L), await OutcomeAsync(scene));
        Assert.Equal((SyncOutcome.Completed, 1_300L), await OutcomeAsync(scene, new SyncRequest { AllowMassDelete = true }));
        await scene.AssertEqualAsync();
    }

    [Fact]
    public async Task SyncAsync_FewRowsOfManyDeleted_AreApplied()
    {
        await using var scene = await OpenAsync();
        await scene.SqlAsync(scene.Delete("row <= 1150"));

        Assert.Equal((SyncOutcome.Completed, 1_150L), await OutcomeAsync(scene));
        await scene.AssertEqualAsync();
    }

    private static async Task<(SyncOutcome Outcome, long Deleted)> OutcomeAsync(ExactScene scene, SyncRequest? request = null)
    {
        var result = await scene.SyncAsync(request);
        return (result.Outcome, result.Deleted);
    }

    private async Task<ExactScene> OpenAsync()
    {
        var scene = await ExactScene.OpenAsync(await backends.GetExactAsync());
        scene.Device.Configure = static options => options.PageSize = 500;
        await scene.SqlAsync(scene.Insert(1, Rows));
        Assert.Equal(Rows, (await scene.SyncAsync()).Applied);
        return scene;
    }
}
