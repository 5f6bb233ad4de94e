using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Exact;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>Local changes go up as the user and to the project they were made for, or wait; no other way of ending touches them.</summary>
[Collection(ExactCollection.Name)]
public sealed class OwnerTests(BackendFixture backends)
{
    private const int Rows = 4;
    private const int Inserted = 30;
    private const int Pending = Inserted + 2;

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task SyncAsync_AnotherUserSignsIn_SendsNothingOfTheFirst(bool kit, bool fullResync)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire);
        var other = await backend.SignUpWithRowsAsync(3);
        device.Requests.Token = other.Token;

        var result = await device.SyncAsync(new SyncRequest { FullResync = fullResync }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.UserChanged, result.Outcome);
        Assert.Empty(wire.Writes);
        Assert.Equal(Pending, (await device.ChangesAsync(ChangeState.Waiting)).Count);
        Assert.Equal(Rows + Inserted - 1, await device.CountAsync());

        device.Requests.Token = device.User.Token;
        await AssertAllArriveAsync(backend, device);
        Assert.Equal(3, (await backend.SqlAsync($"select 1 from public.artifacts where owner_id = '{other.Id}'")).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_UserChangesDuringThePush_StopsBeforeTheNextRequest(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire);
        device.Configure = static options => (options.Push.BatchRows, options.Push.MaxRequests) = (10, 1);
        var other = await backend.SignUpAsync();
        var sent = 0;
        wire.Loses = request =>
        {
            if (request.IsWrite && ++sent == 2)
            {
                device.Requests.Token = other.Token;
            }

            return Task.FromResult(false);
        };

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.UserChanged, result.Outcome);
        Assert.Equal(2, wire.Writes.Count);
        Assert.Empty(await backend.SqlAsync($"select 1 from public.artifacts where owner_id = '{other.Id}'"));

        wire.Loses = null;
        device.Requests.Token = device.User.Token;
        await AssertAllArriveAsync(backend, device);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_AnotherProject_SendsNothingThere(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        var elsewhere = await backends.GetAsync(!kit);
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire);
        device.Configure = options => (options.Url, options.ApiKey) = (elsewhere.Host.Url, elsewhere.Host.PublishableKey);
        device.Requests.Token = TokenMint.Mint(elsewhere, device.User.Id, TimeProvider.System.GetUtcNow().AddHours(1));

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((SyncOutcome.ResyncRequired, ResyncReason.ProjectChanged), (result.Outcome, result.Datasets[0].ResyncReason));
        Assert.Empty(wire.Writes);
        Assert.Equal(Pending, (await device.ChangesAsync()).Count);

        device.Configure = null;
        device.Requests.Token = device.User.Token;
        await AssertAllArriveAsync(backend, device);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_ResyncBeforeThePush_KeepsEveryChangeAndCountsNoneAsMissing(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire);

        // Far more rows wait than the server has: counted as missing there, they would stop the resync.
        var result = await device.SyncAsync(
            new SyncRequest { Direction = SyncDirection.Pull, FullResync = true }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((SyncOutcome.Completed, 0), (result.Outcome, result.Deleted));
        Assert.Equal(Pending, result.Datasets[0].Pending);
        Assert.Empty(wire.Writes);
        Assert.Equal(Rows + Inserted - 1, await device.CountAsync());
        await AssertAllArriveAsync(backend, device);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_ResyncInBothDirections_PushesAndStaysComplete(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire);

        var result = await device.SyncAsync(new SyncRequest { FullResync = true }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((SyncOutcome.Completed, Pending), (result.Outcome, result.Pushed));
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_ResyncOfAServerThatLostItsRows_GuardSeesTheServersRowsOnly(bool kit)
    {
        // With a backend of its own: a transaction left open beside it would hold the horizon back, and the deletes would come as tombstones.
        var backend = kit ? await backends.GetExactAsync() : await backends.GetWithoutKitAsync();
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire);
        await backend.SqlAsync($"delete from public.artifacts where owner_id = '{device.User.Id}'");

        // Of 33 local rows only the two that no edit touched would go: all of the server's that are left here.
        var refused = await device.SyncAsync(
            new SyncRequest { Direction = SyncDirection.Pull, FullResync = true }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(SyncOutcome.MassDeleteRefused, refused.Outcome);
        Assert.Equal(Rows + Inserted - 1, await device.CountAsync());

        var allowed = await device.SyncAsync(
            new SyncRequest { Direction = SyncDirection.Pull, FullResync = true, AllowMassDelete = true }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(SyncOutcome.Completed, allowed.Outcome);
        Assert.Equal(Inserted + 1, await device.CountAsync());

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(Pending, result.Pushed + result.Conflicts);
        await device.AssertEqualToServerAsync();
        Assert.Equal(Inserted, await device.CountAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ResetAsync_WithPendingChanges_KeepsThem(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire);

        await device.ResetAsync();

        Assert.Equal(Pending, (await device.ChangesAsync()).Count);
        await AssertAllArriveAsync(backend, device);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_PullOnly_LeavesEveryChangeWhereItIs(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire);
        await backend.InsertArtifactsAsync(device.User, 3);

        var result = await device.SyncAsync(new SyncRequest { Direction = SyncDirection.Pull }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((3, 0, Pending), (result.Applied, result.Pushed, result.Datasets[0].Pending));
        Assert.Empty(wire.Writes);
        await AssertAllArriveAsync(backend, device);
    }

    /// <summary>A device with a few rows of the server's, one of them edited and one deleted, and many of its own.</summary>
    private static async Task<Device> NewDeviceAsync(Backend backend, Wire wire)
    {
        var device = new Device(backend, await backend.SignUpWithRowsAsync(Rows)) { Handler = wire };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.EditAsync($"update artifacts set name = 'Edited' where id = (select min(id) from artifacts)");
        await device.EditAsync($"delete from artifacts where id = (select max(id) from artifacts)");
        await device.InsertArtifactsAsync(Inserted);
        wire.Forget();
        return device;
    }

    private static async Task AssertAllArriveAsync(Backend backend, Device device)
    {
        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((SyncOutcome.Completed, 0, 0), (result.Outcome, result.Conflicts, result.Rejected));
        Assert.Empty(await device.ChangesAsync());
        await device.AssertEqualToServerAsync();
        var rows = await backend.SqlAsync(
            $"select count(*) filter (where name = 'Edited')::int as edited, count(*) filter (where name like 'Mine %')::int as inserted, count(*) filter (where deleted_at is not null)::int as deleted from public.artifacts where owner_id = '{device.User.Id}'");
        Assert.Equal(
            (1, Inserted, 1),
            (rows[0].GetProperty("edited").GetInt32(), rows[0].GetProperty("inserted").GetInt32(), rows[0].GetProperty("deleted").GetInt32()));
    }
}
