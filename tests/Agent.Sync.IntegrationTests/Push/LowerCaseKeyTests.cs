using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>An app that writes its uuids as <see cref="Guid.ToString()"/> does, in lower case, has one row for each.</summary>
public sealed class LowerCaseKeyTests(BackendFixture backends)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_KeysInLowerCase_StayOneRowOnBothSides(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = new Device(backend, await backend.SignUpAsync(), PushDatasets.Items, PushDatasets.Lines);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var (item, line) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        await device.EditAsync($"insert into push_items (id, note) values ({item}, 'item')");
        await device.EditAsync($"insert into push_lines (id, item_id, note) values ({line}, {item}, 'line')");

        var inserted = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((2, 0, 0), (inserted.Pushed, inserted.Conflicts, inserted.Rejected));
        Assert.Equal("item", await LocalRows.ScalarAsync(device.DatabasePath, "select i.note from push_lines l join push_items i on i.id = l.item_id"));
        await AssertEqualAsync(device);

        // Inserted once more under its own spelling: the app did not find the row.
        Assert.Equal(0, await device.EditAsync($"update push_items set note = 'lost' where id = {item}"));
        await device.EditAsync($"insert into push_items (id, note) values ({item}, 'edited')");
        var edited = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((1, 0, 0), (edited.Pushed, edited.Conflicts, edited.Rejected));
        await device.SyncAsync(new SyncRequest { FullResync = true }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("edited", Assert.Single(await backend.SqlAsync($"select note from public.push_items where id = '{item}'")).GetProperty("note").GetString());
        Assert.Equal(1L, await LocalRows.CountAsync(device.DatabasePath, "push_items"));
        await AssertEqualAsync(device);
    }

    private static async Task AssertEqualAsync(Device device)
    {
        await device.AssertEqualToServerAsync(PushDatasets.Items);
        await device.AssertEqualToServerAsync(PushDatasets.Lines);
    }
}
