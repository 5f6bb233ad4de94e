using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Pull;

public sealed class PageSizeTests(BackendFixture backends)
{
    private const int Rows = 2_357;

    [Fact]
    public async Task SyncAsync_PagesOf10To1000Rows_GiveTheSameTable()
    {
        var user = await backends.Main.SignUpWithRowsAsync(Rows);
        foreach (var pageSize in (int[])[10, 100, 500, 1_000])
        {
            await using var device = new Device(backends.Main, user)
            {
                Configure = options =>
                {
                    options.PageSize = pageSize;

                    // Each key range that is read beside others would have an end of its own.
                    options.MaxPullRequests = 1;
                },
            };

            var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

            Assert.Equal(SyncOutcome.Completed, result.Outcome);
            Assert.Equal(Rows, result.Applied);
            // The backfill's pages and its empty one, and the empty ones of the delta and of the tombstones.
            Assert.Equal((Rows + pageSize - 1) / pageSize + 3, result.Datasets[0].Pages);
            await device.AssertEqualToServerAsync();
        }
    }

    [Fact]
    public async Task SyncAsync_NoPageSizeSet_GrowsAndGivesTheSameTable()
    {
        var user = await backends.Main.SignUpWithRowsAsync(Rows);
        await using var device = new Device(backends.Main, user) { Configure = static options => options.MaxPullRequests = 1 };

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        // 100, 200, 400, 800 and the rest of the backfill; four sizes may be asked for once more, since the next request is under way already.
        Assert.InRange(result.Datasets[0].Pages, 5 + 3, 9 + 3);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_PageSizeInTheRequest_WinsOverTheOptions()
    {
        var user = await backends.Main.SignUpWithRowsAsync(30);
        await using var device = new Device(backends.Main, user);

        var result = await device.SyncAsync(new SyncRequest { PageSize = 10 }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(6, result.Datasets[0].Pages);
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1_000)]
    public async Task SyncAsync_ServerCapBelowThePageSize_AllRowsArrive(int pageSize)
    {
        var backend = await backends.GetSmallAsync();
        var user = await backend.SignUpWithRowsAsync(500);
        await using var device = new Device(backend, user) { Configure = options => options.PageSize = pageSize };

        var first = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.AssertEqualToServerAsync();
        await backend.InsertArtifactsAsync(user, 200);
        var second = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(500, first.Applied);
        Assert.Equal(200, second.Applied);
        await device.AssertEqualToServerAsync();
    }
}
