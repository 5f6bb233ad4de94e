using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Dapper;
using Microsoft.EntityFrameworkCore;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>Edits arrive whatever library made them, also those that nothing recorded because a migration took the triggers along.</summary>
public sealed class AppLibraryTests(BackendFixture backends)
{
    private const int Rows = 6;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_EditsByDapper_AreOnTheServer(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = await NewDeviceAsync(backend);
        await using (var connection = await LocalRows.OpenAsync(device.DatabasePath))
        {
            var ids = (await connection.QueryAsync<string>("select id from push_items order by id")).ToList();
            await connection.ExecuteAsync("update push_items set note = @note, size = @size where id = @id", new { note = "By Dapper", size = 12L, id = ids[0] });
            await connection.ExecuteAsync("delete from push_items where id = @id", new { id = ids[1] });
            await connection.ExecuteAsync(
                "insert into push_items (id, note, size) values (@Id, @Note, @Size)",
                Enumerable.Range(0, 3).Select(static number => new AppItem { Id = Guid.NewGuid(), Note = "By Dapper", Size = number }));
        }

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((SyncOutcome.Completed, 5), (result.Outcome, result.Pushed));
        await AssertOnServerAsync(backend, device, "By Dapper", 4, Rows + 2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_EditsByEntityFramework_AreOnTheServer(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = await NewDeviceAsync(backend);
        await using (var model = new AppModel(device.DatabasePath))
        {
            await SaveChangesAsync(model, "By EF");
        }

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((SyncOutcome.Completed, 5), (result.Outcome, result.Pushed));
        await AssertOnServerAsync(backend, device, "By EF", 4, Rows + 2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_EditsRolledBack_AreNoChanges(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = await NewDeviceAsync(backend);
        await using (var model = new AppModel(device.DatabasePath))
        {
            await using var transaction = await model.Database.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await SaveChangesAsync(model, "Rolled back");
            await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        }

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((SyncOutcome.Completed, 0), (result.Outcome, result.Pushed));
        await AssertOnServerAsync(backend, device, "Rolled back", 0, Rows);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_MigrationRebuiltTheTable_EditsThatNothingRecordedAreFoundAndPushed(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = await NewDeviceAsync(backend);
        var recorded = Guid.NewGuid();
        await device.EditAsync($"insert into push_items (id, note) values ({recorded}, 'Recorded')");
        await RebuildAsync(device);
        await using (var model = new AppModel(device.DatabasePath))
        {
            await SaveChangesAsync(model, "Unrecorded");
        }

        await backend.SqlAsync($"insert into public.push_items (owner_id, note) values ('{device.User.Id}', 'Theirs')");
        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((SyncOutcome.Completed, 6, 0, 0), (result.Outcome, result.Pushed, result.Conflicts, result.Rejected));
        await AssertOnServerAsync(backend, device, "Unrecorded", 4, Rows + 4);
        Assert.Empty(await device.ChangesAsync());

        // The triggers are back.
        await device.EditAsync($"update push_items set size = 5 where id = {recorded}");
        Assert.Single(await device.ChangesAsync());
        Assert.Equal(1, (await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken)).Pushed);
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_MigrationRebuiltTheTableAndTheRunIsInterrupted_NextRunStillFindsTheEdits(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = await NewDeviceAsync(backend);
        await RebuildAsync(device);
        await using (var model = new AppModel(device.DatabasePath))
        {
            await SaveChangesAsync(model, "Unrecorded");
        }

        using var stop = new CancellationTokenSource();
        device.Requests.Restart();
        device.Requests.Before = number => number == 2 ? stop.CancelAsync() : Task.CompletedTask;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => device.SyncAsync(cancellationToken: stop.Token));
        device.Requests.Before = null;

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((SyncOutcome.Completed, 5), (result.Outcome, result.Pushed));
        await AssertOnServerAsync(backend, device, "Unrecorded", 4, Rows + 2);
    }

    private static async Task<Device> NewDeviceAsync(Backend backend)
    {
        var device = new Device(backend, await backend.SignUpAsync(), PushDatasets.Items);

        // Older than what a delta reads again: without the kit, only such rows are certain to have been here.
        await backend.WriteStampedAsync(
            $"insert into public.push_items (owner_id, note, size, updated_at) select '{device.User.Id}', 'Base', i, now() - interval '1 hour' from generate_series(1, {Rows}) as i");
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        return device;
    }

    /// <summary>Updates one row, deletes one and inserts three.</summary>
    private static async Task SaveChangesAsync(AppModel model, string note)
    {
        var items = await model.Items.Where(static item => item.Note == "Base").OrderBy(static item => item.Id).ToListAsync(TestContext.Current.CancellationToken);
        items[0].Note = note;
        items[0].Size = 12;
        model.Items.Remove(items[1]);
        model.Items.AddRange(Enumerable.Range(0, 3).Select(number => new AppItem { Id = Guid.NewGuid(), Note = note, Size = number }));
        Assert.Equal(5, await model.SaveChangesAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Does what Entity Framework's migrations do where SQLite cannot alter a table: a new one, the rows, the old name.</summary>
    private static async Task RebuildAsync(Device device)
    {
        await using var connection = await LocalRows.OpenAsync(device.DatabasePath);
        var sql = await connection.ExecuteScalarAsync<string>("select sql from sqlite_schema where type = 'table' and name = 'push_items'");
        await connection.ExecuteAsync(
            $"""
            {sql!.Replace("push_items", "ef_temp_push_items", StringComparison.Ordinal)};
            insert into ef_temp_push_items select * from push_items;
            pragma foreign_keys = off;
            drop table push_items;
            alter table ef_temp_push_items rename to push_items;
            """);
        Assert.Equal(0L, await connection.ExecuteScalarAsync<long>("select count(*) from sqlite_schema where type = 'trigger' and tbl_name = 'push_items'"));
    }

    private static async Task AssertOnServerAsync(Backend backend, Device device, string note, int count, int total)
    {
        var rows = await backend.SqlAsync(
            $"select count(*)::int as total, count(*) filter (where note = '{note}')::int as noted from public.push_items where owner_id = '{device.User.Id}'");
        Assert.Equal((total, count), (rows[0].GetProperty("total").GetInt32(), rows[0].GetProperty("noted").GetInt32()));
        await device.AssertEqualToServerAsync();
    }
}
