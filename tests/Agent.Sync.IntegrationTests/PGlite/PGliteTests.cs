using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Kit;
using Agent.Sync.IntegrationTests.Push;
using KitTable = Agent.Sync.IntegrationTests.Kit.KitTable;

namespace Agent.Sync.IntegrationTests.PGlite;

/// <summary>The kit and both ways of a sync on PGlite, which has one session: what needs two is tested on PostgreSQL.</summary>
public sealed class PGliteTests(PGliteBackend pglite) : IClassFixture<PGliteBackend>
{
    private Backend Backend => pglite.Backend;

    [Fact]
    public async Task Kit_AfterItsMigration_IsAsEnableLeftIt()
    {
        var table = await KitTable.CreateAsync(Backend);

        var state = await table.StateAsync();

        Assert.False(Backend.HasSessions);
        Assert.Empty(await Backend.SqlAsync("select * from agent_sync.check()"));
        Assert.Matches("^[0-9a-f]{32}$", state.GetProperty("epoch").GetString());
        Assert.False(state.GetProperty("needs_restamp").GetBoolean());
        Assert.False(state.GetProperty("policies_changed").GetBoolean());
    }

    [Theory]
    [InlineData(true, CompletenessGrade.Exact)]
    [InlineData(false, CompletenessGrade.Overlap)]
    public async Task SyncAsync_RowsOnTheServer_ArriveInTheGradeThatTheTableHas(bool kit, CompletenessGrade grade)
    {
        var dataset = kit ? PushDatasets.Items : PushDatasets.ReadOnly;
        await using var device = new Device(Backend, await Backend.SignUpAsync(), dataset) { Configure = static options => options.PageSize = 10 };
        await Backend.SqlAsync($"insert into public.{dataset.RemoteTable} (owner_id, note) select '{device.User.Id}', 'n' from generate_series(1, 35)");

        var first = await SyncAsync(device);
        await Backend.SqlAsync($"update public.{dataset.RemoteTable} set note = 'changed' where owner_id = '{device.User.Id}'");
        await device.SyncToTheEndAsync();

        Assert.Equal((grade, 35L), (first.Grade, first.Applied));
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_InsertUpdateDelete_ArriveAndTheRestIsConflictOrQuarantine(bool kit)
    {
        await using var device = await NewDeviceAsync(kit);
        Guid[] ids = [.. Enumerable.Range(0, 4).Select(static _ => Guid.NewGuid())];
        foreach (var id in ids)
        {
            await device.EditAsync($"insert into push_items (id, note) values ({id}, 'mine')");
        }

        Assert.Equal(4, (await SyncAsync(device)).Pushed);
        await Backend.SqlAsync($"update public.push_items set note = 'theirs' where id = '{ids[2]}'; delete from public.push_items where id = '{ids[3]}';");
        await device.EditAsync($"update push_items set note = 'changed' where id = {ids[0]}");
        await device.EditAsync($"delete from push_items where id = {ids[1]}");
        await device.EditAsync($"update push_items set note = 'mine again' where id in ({ids[2]}, {ids[3]})");
        await device.EditAsync($"insert into push_items (id, note) values ({Guid.NewGuid()}, {PushTables.RefusedNote})");
        await device.EditAsync($"insert into push_items (id, size) values ({Guid.NewGuid()}, -1)");

        var result = await SyncAsync(device);

        Assert.Equal((2L, 2L, 2L), (result.Pushed, result.Conflicts, result.Rejected));
        Assert.Equal(["23514", "P0001"], (await device.ChangesAsync(ChangeState.Quarantined)).Select(static change => change.Code).Order(StringComparer.Ordinal));
        var rows = await Backend.SqlAsync($"select note from public.push_items where owner_id = '{device.User.Id}' order by note");
        Assert.Equal(["changed", "theirs"], rows.Select(static row => row.GetProperty("note").GetString()));
        Assert.Equal(0, await device.EditAsync($"update push_items set size = 1 where id in ({ids[1]}, {ids[3]})"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_JsonOfEveryKind_ArrivesAsItIs(bool kit)
    {
        string[] values = ["""{"a": [1.5, null, "x"]}""", "[1, 2]", "\"text\"", "\"{not an object}\"", "7", "true"];
        await using var device = new Device(Backend, await Backend.SignUpAsync(), PushDatasets.Values) { Configure = Use(kit) };
        await SyncAsync(device);
        var ids = values.Select(static _ => Guid.NewGuid()).ToArray();
        for (var index = 0; index < values.Length; index++)
        {
            await device.EditAsync($"insert into push_values (id, doc) values ({ids[index]}, {values[index]})");
        }

        var result = await SyncAsync(device);

        Assert.Equal((6L, 0L), (result.Pushed, result.Rejected));
        for (var index = 0; index < values.Length; index++)
        {
            var row = Assert.Single(await Backend.SqlAsync($"select doc::text as doc from public.push_values where id = '{ids[index]}'"));
            Assert.Equal(values[index], row.GetProperty("doc").GetString());
        }
    }

    [Fact]
    public async Task SyncAsync_RowsDeletedOnTheServer_LeaveTheDevice()
    {
        await using var device = await NewDeviceAsync(kit: true);
        await Backend.SqlAsync($"insert into public.push_items (owner_id, size) select '{device.User.Id}', i from generate_series(1, 10) as i");
        await SyncAsync(device);
        await Backend.SqlAsync($"delete from public.push_items where owner_id = '{device.User.Id}' and size <= 3; update public.push_items set owner_id = gen_random_uuid() where owner_id = '{device.User.Id}' and size = 4;");

        var result = await SyncAsync(device);

        Assert.Equal((4L, 6L), (result.Deleted, await device.CountAsync()));
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task Horizon_AfterACommit_IsAboveItsRowsAndHeldByNobody()
    {
        var table = await KitTable.CreateAsync(Backend);
        await table.InsertAsync(Guid.NewGuid(), 1);

        var answer = await table.HorizonAsync();

        var horizon = long.Parse(answer.GetProperty("horizon").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(await table.StampAsync(1) < horizon);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, answer.GetProperty("oldest_writer_since").ValueKind);
    }

    [Fact]
    public async Task SyncAsync_TableTruncated_IsAnotherEpochAndAFullResyncHeals()
    {
        await using var device = new Device(Backend, await Backend.SignUpAsync(), PushDatasets.Nodes);
        await Backend.SqlAsync($"insert into public.push_nodes (owner_id) select '{device.User.Id}' from generate_series(1, 5)");
        await SyncAsync(device);
        await Backend.SqlAsync($"truncate public.push_nodes; insert into public.push_nodes (owner_id) values ('{device.User.Id}');");

        var stopped = await SyncAsync(device);
        var healed = await SyncAsync(device, new SyncRequest { FullResync = true, AllowMassDelete = true });

        Assert.Equal((SyncOutcome.ResyncRequired, ResyncReason.EpochChanged), (stopped.Outcome, stopped.ResyncReason));
        Assert.Equal((SyncOutcome.Completed, CompletenessGrade.Exact), (healed.Outcome, healed.Grade));
        await device.AssertEqualToServerAsync();
    }

    private static Action<SyncOptions> Use(bool kit) => options => options.SqlKit = kit ? SqlKitMode.Require : SqlKitMode.Ignore;

    private static async Task<DatasetResult> SyncAsync(Device device, SyncRequest? request = null) =>
        (await device.SyncAsync(request, cancellationToken: TestContext.Current.CancellationToken)).Datasets[0];

    private async Task<Device> NewDeviceAsync(bool kit)
    {
        var device = new Device(Backend, await Backend.SignUpAsync(), PushDatasets.Items) { Configure = Use(kit) };
        await SyncAsync(device);
        return device;
    }
}
