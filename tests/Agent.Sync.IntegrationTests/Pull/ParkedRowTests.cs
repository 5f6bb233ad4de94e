using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Push;

namespace Agent.Sync.IntegrationTests.Pull;

/// <summary>A local table with constraints: what a commit of the server leaves is stored whatever the order of its rows, and what the table cannot hold stops nothing.</summary>
public sealed class ParkedRowTests(BackendFixture backends)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_UniqueValuesThatMovedOnTheServer_AreStored(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = await NewDeviceAsync(backend, kit, rows: 6, "create unique index own on push_items (name)");
        var user = device.User.Id;

        // A swap, a cycle and a chain; the server's own index is not deferrable, so they go by way of other values.
        await backend.SqlAsync(
            $"""
            update public.push_items set name = name || ' on its way' where owner_id = '{user}';
            update public.push_items set name = '{user} ' || case size when 1 then 2 when 2 then 1 when 3 then 4 when 4 then 5 when 5 then 3 else 7 end where owner_id = '{user}';
            """);
        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((SyncOutcome.Completed, 6L, 0L), (result.Outcome, result.Datasets[0].Applied, result.Datasets[0].Parked));
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_ValueOfADeletedRowGoesToANewOne_IsStoredOnceTheDeleteIsKnown(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = await NewDeviceAsync(backend, kit, rows: 3, "create unique index own on push_items (name)");
        var user = device.User.Id;
        await backend.SqlAsync($"delete from public.push_items where owner_id = '{user}' and size = 3");
        await backend.SqlAsync($"insert into public.push_items (owner_id, name, size) values ('{user}', '{user} 3', 30), ('{user}', '{user} other', 31)");

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        if (!kit)
        {
            // Without the SQL kit a real delete is known to a full resync only.
            Assert.Equal((SyncOutcome.CompletedWithQuarantine, 1L), (result.Outcome, result.Datasets[0].Parked));
            Assert.Equal(1, (await device.StatusAsync()).Parked);
            await using (var open = device.Open())
            {
                var parked = await open.Engine.ReadParkedRowsAsync("push_items", TestContext.Current.CancellationToken).SingleAsync(TestContext.Current.CancellationToken);
                Assert.Equal(("local_unique", "push_items.name"), (parked.Code, parked.Constraint));
            }

            Assert.Equal(31L, await LocalRows.ScalarAsync(device.DatabasePath, "select max(size) from push_items"));
            result = await device.SyncAsync(new SyncRequest { FullResync = true }, cancellationToken: TestContext.Current.CancellationToken);
        }

        Assert.Equal((SyncOutcome.Completed, 0L), (result.Outcome, result.Datasets[0].Parked));
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_RowsThatTheTableRefuses_StopNothingAndComeWhenTheyFit(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = await NewDeviceAsync(backend, kit, rows: 3, "create trigger own before update on push_items when new.size > 100 begin select raise(abort, 'too large'); end");
        var user = device.User.Id;
        await backend.SqlAsync($"update public.push_items set size = size + case size when 2 then 1000 else 10 end where owner_id = '{user}'");

        var refused = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var again = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.All(new[] { refused, again }, static result => Assert.Equal((SyncOutcome.CompletedWithQuarantine, 1L), (result.Outcome, result.Datasets[0].Parked)));
        Assert.Equal("2,11,13", await LocalRows.ScalarAsync(device.DatabasePath, "select group_concat(size) from (select size from push_items order by size)"));

        await backend.SqlAsync($"update public.push_items set size = 12 where owner_id = '{user}' and size > 1000");
        var stored = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((SyncOutcome.Completed, 0L), (stored.Outcome, stored.Datasets[0].Parked));
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_LocalInsertHoldsTheValueOfAPulledRow_NeitherIsLost(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = await NewDeviceAsync(backend, kit, rows: 1, "create unique index own on push_items (name)");
        var user = device.User.Id;
        var mine = Guid.NewGuid();
        await device.EditAsync($"insert into push_items (id, name, note) values ({mine}, {$"{user} 2"}, 'mine')");
        await backend.SqlAsync($"insert into public.push_items (owner_id, name, size) values ('{user}', '{user} 2', 2), ('{user}', '{user} 3', 3)");

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(("23505", mine), (Assert.Single(await device.ChangesAsync(ChangeState.Quarantined)).Code, (await device.ChangesAsync()).Keys().Single()));
        Assert.Equal((SyncOutcome.CompletedWithQuarantine, 1L), (result.Outcome, result.Datasets[0].Parked));
        Assert.Equal("mine", await LocalRows.ScalarAsync(device.DatabasePath, $"select note from push_items where name like '% 2'"));
        await device.EditAsync($"update push_items set name = {$"{user} mine"} where id = {mine}");
        var edited = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((SyncOutcome.Completed, 1), (edited.Outcome, edited.Pushed));
        await device.AssertEqualToServerAsync();
    }

    private static async Task<Device> NewDeviceAsync(Backend backend, bool kit, int rows, string dressing)
    {
        var device = new Device(backend, await backend.SignUpAsync(), PushDatasets.Items)
        {
            Configure = options => options.SqlKit = kit ? SqlKitMode.Require : SqlKitMode.Ignore,
        };
        await backend.SqlAsync($"insert into public.push_items (owner_id, name, size) select '{device.User.Id}', '{device.User.Id} ' || n, n from generate_series(1, {rows}) n");
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var connection = await LocalRows.OpenAsync(device.DatabasePath);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own statements.
        command.CommandText = dressing;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return device;
    }
}
