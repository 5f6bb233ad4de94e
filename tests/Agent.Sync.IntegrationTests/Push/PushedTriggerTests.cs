using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>Triggers of the app's own on a synced table, made after the first sync, so that SQLite fires them before the store's.</summary>
public sealed class PushedTriggerTests(BackendFixture backends)
{
    [Theory]
    [InlineData(true, "after insert on push_items begin update push_items set label = substr(lower(new.note), 1, 8) where id = new.id; end")]
    [InlineData(false, "after insert on push_items begin update push_items set label = substr(lower(new.note), 1, 8) where id = new.id; end")]
    [InlineData(true, "after update on push_items begin update push_items set size = coalesce(size, 0) + 1 where id = new.id; end")]
    [InlineData(false, "after update on push_items begin update push_items set size = coalesce(size, 0) + 1 where id = new.id; end")]
    public async Task SyncAsync_TriggerThatWritesItsOwnRow_EndsAsTheAppSeesIt(bool kit, string trigger)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = new Device(backend, await backend.SignUpAsync(), PushDatasets.Items);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        await device.EditAsync($"insert into push_items (id, note) values ({first}, 'before')");
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using (var connection = await LocalRows.OpenAsync(device.DatabasePath))
        {
            await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The test's own statement.
            command.CommandText = $"create trigger app {trigger}";
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await device.EditAsync($"insert into push_items (id, name, note) values ({second}, {$"N{second}"}, 'new')");
        await device.EditAsync($"update push_items set note = 'edited' where id = {first}");
        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var again = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((SyncOutcome.Completed, 2, 0, 0), (result.Outcome, result.Pushed, result.Conflicts, result.Rejected));
        Assert.Equal((0, 0), (again.Pushed, again.Conflicts));
        var rows = await backend.SqlAsync($"select note from public.push_items where owner_id = '{device.User.Id}' order by note");
        Assert.Equal(["edited", "new"], rows.Select(static row => row.GetProperty("note").GetString()!));
        Assert.Equal(2L, await LocalRows.ScalarAsync(device.DatabasePath, "select count(*) from push_items"));
    }
}
