using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Users;

public sealed class SeveralUsersTests(BackendFixture backends)
{
    [Fact]
    public async Task SyncAsync_FourUsersAtOnce_EachSeesOnlyTheirOwn()
    {
        var users = new List<TestUser>();
        for (var index = 0; index < 4; index++)
        {
            users.Add(await backends.Main.SignUpWithRowsAsync(500 + 100 * index, new SeedOptions { Projects = 5 }));
        }

        await using var shared = new DeviceGroup(users.Select(user => new Device(backends.Main, user, Datasets.Projects, Datasets.Artifacts)));

        var results = await Task.WhenAll(shared.Devices.Select(device => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken)));

        Assert.All(results, static result => Assert.Equal(SyncOutcome.Completed, result.Outcome));
        foreach (var device in shared.Devices)
        {
            await device.AssertEqualToServerAsync(Datasets.Projects);
            await device.AssertEqualToServerAsync(Datasets.Artifacts);
            Assert.Equal(
                0L, await LocalRows.ScalarAsync(device.DatabasePath, $"select count(*) from artifacts where owner_id <> '{device.User.Id.ToString().ToUpperInvariant()}'"));
        }
    }

    [Fact]
    public async Task SyncAsync_OneUserAtTheRateLimit_OthersAreNotHeldUp()
    {
        var slowUser = await backends.Main.SignUpWithRowsAsync(400);
        var quickUser = await backends.Main.SignUpWithRowsAsync(400);
        await using var slow = new Device(backends.Main, slowUser) { Configure = static options => Limit(options.RateLimit) };
        await using var quick = new Device(backends.Main, quickUser) { Configure = static options => Limit(options.RateLimit) };
        slow.Configure += static options => options.PageSize = 10;
        quick.Configure += static options => options.PageSize = 400;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        // More than forty requests at one a second: it would take most of a minute.
        var slowRun = slow.SyncAsync(cancellationToken: stop.Token);
        var quickRun = await quick.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.False(slowRun.IsCompleted);
        Assert.Equal(400, quickRun.Applied);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slowRun);

        static void Limit(RateLimitOptions options) => (options.RequestsPerSecond, options.Burst) = (1, 4);
    }
}
