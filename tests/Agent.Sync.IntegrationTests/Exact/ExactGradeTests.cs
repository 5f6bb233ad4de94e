using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Exact;

/// <summary>Which grade a result has, and what a missing, hidden or forbidden kit does.</summary>
[Collection(ExactCollection.Name)]
public sealed class ExactGradeTests(BackendFixture backends)
{
    [Fact]
    public async Task SyncAsync_TableWithTheKit_IsExactAndSaysUpToWhen()
    {
        await using var scene = await ExactScene.OpenAsync(await backends.GetExactAsync());
        await scene.SqlAsync(scene.Insert(1, 35));
        var before = await ServerTimeAsync(scene);

        var result = await scene.SyncAsync();
        var status = await scene.Device.StatusAsync();

        Assert.Equal((CompletenessGrade.Exact, 35L), (result.Grade, result.Applied));
        Assert.Equal(CompletenessGrade.Exact, status.Grade);
        Assert.InRange(status.AsOf!.Value, before, await ServerTimeAsync(scene));
        await scene.AssertEqualAsync();
    }

    [Fact]
    public async Task SyncAsync_OneOfTwoTablesNotEnabled_RunsInTheWeakerGrade()
    {
        await using var scene = await ExactScene.OpenAsync(await backends.GetExactAsync(), ExactDatasets.Notes, ExactDatasets.Switched);
        await scene.SqlAsync(scene.Insert(1, 5) + scene.Insert(1, 5, "switched"));

        var result = await scene.Device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal([CompletenessGrade.Exact, CompletenessGrade.Overlap], result.Datasets.Select(static dataset => dataset.Grade));
        Assert.Equal(CompletenessGrade.Overlap, result.Grade);
        await scene.AssertEqualAsync();
    }

    [Fact]
    public async Task SyncAsync_BackendWithoutTheKit_WorksInTheOverlapGrade()
    {
        var backend = await backends.GetWithoutKitAsync();
        var user = await backend.SignUpWithRowsAsync(30);
        await using var device = new Device(backend, user);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(CompletenessGrade.Overlap, result.Grade);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_RequiredKitThatIsMissing_SaysWhatToRun()
    {
        var backend = await backends.GetWithoutKitAsync();
        var user = await backend.SignUpWithRowsAsync(1);
        await using var device = new Device(backend, user) { Configure = static options => options.SqlKit = SqlKitMode.Require };

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(
            () => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(SyncErrorKind.SqlKit, exception.Kind);
        Assert.Contains("agent_sync.enable('public.artifacts')", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SyncAsync_FunctionDropped_WorksInTheOverlapGradeWithAResync()
    {
        await using var scene = await ExactScene.OpenAsync(await backends.GetExactAsync());
        await scene.SqlAsync(scene.Insert(1, 5));
        await scene.SyncAsync();
        await scene.SqlAsync("alter function agent_sync.horizon(jsonb) rename to horizon_elsewhere");
        await scene.Backend.Host.RestartAsync(TestContext.Current.CancellationToken);
        try
        {
            var result = await scene.SyncAsync();

            Assert.Equal((SyncOutcome.Completed, CompletenessGrade.Overlap), (result.Outcome, result.Grade));
            await scene.AssertEqualAsync();
        }
        finally
        {
            await scene.SqlAsync("alter function agent_sync.horizon_elsewhere(jsonb) rename to horizon");
            await scene.Backend.Host.RestartAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(CompletenessGrade.Exact, (await scene.SyncAsync()).Grade);
        await scene.AssertEqualAsync();
    }

    [Fact]
    public async Task SyncAsync_NoGrantOnTheKit_FailsNamingItInsteadOfPromisingLess()
    {
        await using var scene = await ExactScene.OpenAsync(await backends.GetExactAsync());
        await scene.SqlAsync("revoke execute on function agent_sync.horizon(jsonb) from public, anon, authenticated");
        try
        {
            var exception = await Assert.ThrowsAsync<SyncAuthException>(() => scene.SyncAsync());

            Assert.Equal(SyncErrorKind.PermissionDenied, exception.Kind);
            Assert.Contains("GRANT EXECUTE ON FUNCTION \"agent_sync\".\"horizon\" TO authenticated", exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            await scene.SqlAsync("grant execute on function agent_sync.horizon(jsonb) to anon, authenticated");
        }
    }

    [Fact]
    public async Task SyncAsync_KitSwitchedOnAndOffAndOn_FollowsWithTheOldRowsReadable()
    {
        await using var scene = await ExactScene.OpenAsync(await backends.GetExactAsync(), ExactDatasets.Switched);
        await scene.SqlAsync(scene.Insert(1, 25, "switched"));
        Assert.Equal(CompletenessGrade.Overlap, (await scene.SyncAsync()).Grade);
        try
        {
            await SwitchAsync(scene, "enable");
            await scene.SqlAsync(scene.Delete("row <= 3", "switched") + scene.Update("label = 'changed'", "row = 4", "switched"));
            var smallest = await SmallestCountAsync(scene);
            Assert.Equal(CompletenessGrade.Exact, smallest.Result.Grade);
            Assert.True(smallest.Count >= 22);
            await scene.AssertEqualAsync();

            await SwitchAsync(scene, "disable");
            await scene.SqlAsync(scene.Update("label = 'in between'", "row = 5", "switched"));
            Assert.Equal(CompletenessGrade.Overlap, (await scene.SyncAsync()).Grade);
            await scene.AssertEqualAsync();

            // The column starts again at 0 while the local rows still hold their old sequence.
            await scene.SqlAsync(scene.Update("label = 'before enabling again'", "row = 6", "switched"));
            await SwitchAsync(scene, "enable");
            Assert.Equal(CompletenessGrade.Exact, (await scene.SyncAsync()).Grade);
            await scene.AssertEqualAsync();
        }
        finally
        {
            await SwitchAsync(scene, "disable");
        }
    }

    private static async Task SwitchAsync(ExactScene scene, string call)
    {
        await scene.SqlAsync($"select agent_sync.{call}('public.switched')");
        await scene.Backend.Host.RestartAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<(DatasetResult Result, long Count)> SmallestCountAsync(ExactScene scene)
    {
        var smallest = long.MaxValue;
        scene.Device.AfterApply = async _ => smallest = Math.Min(smallest, await scene.Device.CountAsync());
        var result = await scene.SyncAsync();
        scene.Device.AfterApply = null;
        return (result, smallest);
    }

    private static async Task<DateTimeOffset> ServerTimeAsync(ExactScene scene) =>
        (await scene.SqlAsync("select clock_timestamp() as now"))[0].GetProperty("now").GetDateTimeOffset();
}
