using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>What the server made of a pushed row is here with the answer, and the row's return is no news.</summary>
public sealed class AcknowledgementTests(BackendFixture backends)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_OwnRows_ComeBackAsUnchanged(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = new Device(backend, await backend.SignUpWithRowsAsync(10));
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.EditAsync($"update artifacts set name = 'Mine' where id in (select id from artifacts limit 4)");
        await device.InsertArtifactsAsync(5);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var again = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(9, result.Pushed);
        Assert.Equal(0, result.Applied);
        Assert.True(result.Unchanged >= 9, $"{result.Unchanged} rows came back unchanged.");
        Assert.Equal(0, again.Applied);
        Assert.Equal(0, again.Pushed);
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_ColumnsThatTheServerComputes_ArriveWithTheAcknowledgement(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        var user = await backend.SignUpAsync();
        var id = Guid.NewGuid();
        await using var device = new Device(backend, user, PushDatasets.Items);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.EditAsync($"insert into push_items (id, note, size) values ({id}, '  blanks around  ', 7)");

        await PushAsync(device);
        await AssertRowAsync("blanks around", 1);
        await device.EditAsync($"update push_items set note = '  again  ' where id = {id}");
        await PushAsync(device);
        await AssertRowAsync("again", 2);

        // The next edit starts from what was acknowledged: no pull has been.
        await device.EditAsync($"update push_items set size = 8 where id = {id}");
        await PushAsync(device);
        await AssertRowAsync("again", 3);

        async Task AssertRowAsync(string note, long version)
        {
            Assert.Equal(note, await LocalRows.ScalarAsync(device.DatabasePath, "select note from push_items"));
            Assert.Equal(version, await LocalRows.ScalarAsync(device.DatabasePath, "select version from push_items"));
            Assert.Equal(user.Id.ToString().ToUpperInvariant(), await LocalRows.ScalarAsync(device.DatabasePath, "select owner_id from push_items"));
            await device.AssertEqualToServerAsync();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_EditedWhileItsPushIsUnderWay_BothEditsArriveInOrder(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = new Device(backend, await backend.SignUpWithRowsAsync(1)) { Handler = wire };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.EditAsync($"update artifacts set name = 'First'");
        var edited = false;
        wire.Before = async request =>
        {
            if (request.IsWrite && !edited)
            {
                edited = true;
                await device.EditAsync($"update artifacts set name = 'Second', content = 'More'");
            }
        };

        var first = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("Second", await LocalRows.ScalarAsync(device.DatabasePath, "select name from artifacts"));
        var second = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(edited);
        Assert.Equal(2, first.Pushed + second.Pushed);
        Assert.Equal(0, first.Conflicts + second.Conflicts);
        Assert.Equal("Second", await LocalRows.ScalarAsync(device.DatabasePath, "select name from artifacts"));
        await device.AssertEqualToServerAsync();
    }

    private static async Task PushAsync(Device device)
    {
        var result = await device.SyncAsync(new SyncRequest { Direction = SyncDirection.Push }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.Equal(1, result.Pushed);
        Assert.Equal(0, result.Conflicts);
    }
}
