using System.Globalization;
using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>Local changes against the real backend, with the SQL kit and without it.</summary>
public sealed class PushedChangeTests(BackendFixture backends)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sync_InsertUpdateDelete_ArriveAndComeBackAsNoOps(bool kit)
    {
        await using var device = await PushDevice.CreateAsync(backends.Main, await backends.Main.SignUpAsync(), kit);
        Guid[] ids = [.. Enumerable.Range(0, 3).Select(static _ => Guid.NewGuid())];
        Array.ForEach(ids, id => device.Insert(id, "new"));
        Assert.Equal((SyncOutcome.Completed, 3L), Of(await device.SyncAsync()));

        device.Update(ids[0], "changed \\\"quoted\\\" é");
        device.Delete(ids[1]);
        Assert.Equal((SyncOutcome.Completed, 2L), Of(await device.SyncAsync()));

        Assert.Equal(["changed \"quoted\" é", null, "new"], [await device.NameAsync(ids[0]), await device.NameAsync(ids[1]), await device.NameAsync(ids[2])]);
        Assert.Empty(await device.ChangesAsync());
        Assert.Equal((0L, 0L), await AgainAsync(device));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sync_RowChangedOnBothSides_TheServersWinsUnlessToldOtherwise(bool kit)
    {
        var user = await backends.Main.SignUpAsync();
        await using var device = await PushDevice.CreateAsync(backends.Main, user, kit);
        await using var stubborn = await PushDevice.CreateAsync(backends.Main, user, kit, static options => options.Push.ConflictPolicy = ConflictPolicy.LocalWins);
        var id = Guid.NewGuid();
        device.Insert(id, "one");
        await device.SyncAsync();
        await stubborn.SyncAsync();
        await backends.Main.SqlAsync($"update public.artifacts set name = 'theirs' where id = '{id}'");

        device.Update(id, "mine");
        Assert.Equal(1, (await device.SyncAsync()).Conflicts);
        Assert.Equal("theirs", await device.NameAsync(id));
        Assert.Contains("theirs", device.Store.FindRow("artifacts", id.ToString()), StringComparison.Ordinal);

        stubborn.Update(id, "stubborn");
        await stubborn.SyncAsync();
        Assert.Equal("stubborn", await device.NameAsync(id));
        Assert.Empty(await stubborn.ChangesAsync());
    }

    [Theory]
    [InlineData(false, "size", "-1", "23514")]
    [InlineData(true, "size", "-1", "23514")]
    [InlineData(false, "project_id", "\"00000000-0000-0000-0000-00000000dead\"", "23503")]
    [InlineData(true, "project_id", "\"00000000-0000-0000-0000-00000000dead\"", "23503")]
    public async Task Sync_OnePoisonRow_IsQuarantinedAndTheOthersArrive(bool kit, string column, string value, string code)
    {
        await using var device = await PushDevice.CreateAsync(backends.Main, await backends.Main.SignUpAsync(), kit);
        Guid[] ids = [.. Enumerable.Range(0, 20).Select(static _ => Guid.NewGuid())];
        for (var index = 0; index < ids.Length; index++)
        {
            device.Insert(ids[index], index.ToString(CultureInfo.InvariantCulture), index == 7 ? $",\"{column}\":{value}" : $",\"{column}\":null");
        }

        var result = await device.SyncAsync();

        Assert.Equal((SyncOutcome.CompletedWithQuarantine, 19L), Of(result));
        var rejected = Assert.Single(await device.ChangesAsync());
        Assert.Equal((ChangeState.Quarantined, code), (rejected.State, rejected.Code));
        Assert.Equal("19", await device.NameAsync(ids[19]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sync_KeyOfAnInvisibleRow_IsQuarantined(bool kit)
    {
        var id = Guid.NewGuid();
        await using (var theirs = await PushDevice.CreateAsync(backends.Main, await backends.Main.SignUpAsync(), kit))
        {
            theirs.Insert(id, "theirs");
            await theirs.SyncAsync();
        }

        await using var device = await PushDevice.CreateAsync(backends.Main, await backends.Main.SignUpAsync(), kit);
        device.Insert(id, "mine");
        device.Insert(Guid.NewGuid(), "fine");

        Assert.Equal((SyncOutcome.CompletedWithQuarantine, 1L), Of(await device.SyncAsync()));
        Assert.Equal("42501", Assert.Single(await device.ChangesAsync()).Code);
        Assert.Equal("theirs", await device.NameAsync(id));
    }

    [Fact]
    public async Task Sync_RepresentationIsCutByMaxRows_IsReadBack()
    {
        var backend = await backends.GetSmallAsync();
        await using var device = await PushDevice.CreateAsync(backend, await backend.SignUpAsync(), kit: false);
        for (var row = 0; row < 200; row++)
        {
            device.Insert(Guid.NewGuid(), "n");
        }

        Assert.Equal((SyncOutcome.Completed, 200L), Of(await device.SyncAsync()));
        Assert.Empty(await device.ChangesAsync());
    }

    private static (SyncOutcome Outcome, long Pushed) Of(DatasetResult result) => (result.Outcome, result.Pushed);

    private static async Task<(long Pushed, long Applied)> AgainAsync(PushDevice device)
    {
        var result = await device.SyncAsync();
        return (result.Pushed, result.Applied);
    }
}
