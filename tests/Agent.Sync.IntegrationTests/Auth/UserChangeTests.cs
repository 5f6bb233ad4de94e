using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Auth;

public sealed class UserChangeTests(BackendFixture backends)
{
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(12)]
    public async Task SyncAsync_UserSwitchedMidRun_StopsAndAppliesNothingOfTheOther(int request)
    {
        var first = await backends.Main.SignUpWithRowsAsync(200);
        var second = await backends.Main.SignUpWithRowsAsync(200);
        await using var device = new Device(backends.Main, first)
        {
            Configure = static options => (options.PageSize, options.Commit.Interval) = (20, TimeSpan.Zero),
        };
        device.Requests.Before = number =>
        {
            if (number == request)
            {
                device.Requests.Token = second.Token;
            }

            return Task.CompletedTask;
        };

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.UserChanged, result.Outcome);
        Assert.Equal(
            0L, await LocalRows.ScalarAsync(device.DatabasePath, $"select count(*) from artifacts where owner_id <> '{Local(first)}'"));

        device.Requests.Before = null;
        device.Requests.Token = first.Token;
        var resumed = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.Completed, resumed.Outcome);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_AnotherUserOnTheSameStore_IsRefusedUntilAFullResync()
    {
        var first = await backends.Main.SignUpWithRowsAsync(120);
        var second = await backends.Main.SignUpWithRowsAsync(80);
        await using var device = new Device(backends.Main, first);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        device.Requests.Token = second.Token;

        var refused = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.UserChanged, refused.Outcome);
        Assert.Equal(0, refused.Applied);
        await device.AssertEqualToServerAsync();

        var taken = await device.SyncAsync(
            new SyncRequest { FullResync = true, AllowMassDelete = true }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.Completed, taken.Outcome);
        Assert.Equal(120, taken.Deleted);
        device.User = second;
        await device.AssertEqualToServerAsync();
        Assert.Equal(SyncOutcome.Completed, (await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken)).Outcome);
    }

    [Fact]
    public async Task SyncAsync_RoleChanged_RequiresAResync()
    {
        var user = await backends.Main.SignUpWithRowsAsync(20);
        await using var device = new Device(backends.Main, user) { Configure = static options => options.AllowRlsBypass = true };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        device.Requests.Token = TokenMint.Mint(backends.Main, user.Id, TimeProvider.System.GetUtcNow().AddHours(1), "service_role");

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.ResyncRequired, result.Outcome);
        Assert.Equal(ResyncReason.RoleChanged, result.Datasets[0].ResyncReason);
        Assert.Equal(20, await device.CountAsync());
    }

    private static string Local(TestUser user) => user.Id.ToString().ToUpperInvariant();
}
