using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>A row that the app deletes is marked as deleted where the dataset has a column for that, and is removed elsewhere.</summary>
public sealed class PushedDeleteTests(BackendFixture backends)
{
    private const int Rows = 6;
    private const int Deleted = 4;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_DeletedHereWithADeletionColumn_IsMarkedThereAndLeavesOtherDevices(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        var user = await backend.SignUpWithRowsAsync(Rows);
        await using var device = new Device(backend, user);
        await using var other = new Device(backend, user);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await other.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.EditAsync($"delete from artifacts where id in (select id from artifacts order by id limit {Deleted})");

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var there = await other.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((Deleted, 0), (result.Pushed, result.Applied));
        var rows = await backend.SqlAsync(
            $"select name, deleted_at > now() - interval '1 minute' and deleted_at <= now() + interval '1 minute' as is_now from public.artifacts where owner_id = '{user.Id}' and deleted_at is not null");
        Assert.Equal(Deleted, rows.Count);
        Assert.All(rows, static row => Assert.True(row.GetProperty("is_now").GetBoolean()));
        Assert.Equal(Deleted, there.Deleted);
        Assert.Equal((Rows - Deleted, Rows - Deleted), (await device.CountAsync(), await other.CountAsync()));
        await device.AssertEqualToServerAsync();
        await other.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_DeletedHereWithoutADeletionColumn_IsGoneThereAndWithTheKitOnOtherDevices(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        var user = await backend.SignUpAsync();
        await backend.SqlAsync($"insert into public.push_items (owner_id, note) select '{user.Id}', 'row' from generate_series(1, {Rows})");
        await using var device = new Device(backend, user, PushDatasets.Items);
        await using var other = new Device(backend, user, PushDatasets.Items);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await other.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.EditAsync($"delete from push_items where id in (select id from push_items order by id limit {Deleted})");

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        // Without tombstones only a resync finds out, and it asks before it removes most of what is here.
        var there = await other.SyncAsync(new SyncRequest { FullResync = !kit, AllowMassDelete = !kit }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Deleted, result.Pushed);
        Assert.Equal(Rows - Deleted, (await backend.SqlAsync($"select 1 from public.push_items where owner_id = '{user.Id}'")).Count);
        Assert.Equal(Deleted, there.Deleted);
        Assert.Equal((Rows - Deleted, Rows - Deleted), (await device.CountAsync(), await other.CountAsync()));
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_InsertedAndDeletedBeforeItWasPushed_SendsNothing(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = new Device(backend, await backend.SignUpAsync()) { Handler = wire };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.InsertArtifactsAsync(3);
        await device.EditAsync($"delete from artifacts");

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((SyncOutcome.Completed, 0), (result.Outcome, result.Pushed));
        Assert.Empty(wire.Writes);
        Assert.Empty(await device.ChangesAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_DeletedAndInsertedAgainUnderItsKey_IsAnUpdate(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = new Device(backend, await backend.SignUpWithRowsAsync(1));
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var id = (string)(await LocalRows.ScalarAsync(device.DatabasePath, "select id from artifacts"))!;
        await device.EditAsync($"delete from artifacts");
        await device.EditAsync($"insert into artifacts (id, type, name, metadata, is_public, owner_id) values ({id}, 'note', 'Again', '{{}}', 0, {device.User.Id})");

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((1, 0), (result.Pushed, result.Conflicts));
        var row = Assert.Single(await backend.SqlAsync($"select name, content, version::int, deleted_at from public.artifacts where owner_id = '{device.User.Id}'"));
        Assert.Equal(("Again", 2), (row.GetProperty("name").GetString(), row.GetProperty("version").GetInt32()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, row.GetProperty("deleted_at").ValueKind);
        await device.AssertEqualToServerAsync();
    }
}
