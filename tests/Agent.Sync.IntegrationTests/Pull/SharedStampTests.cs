using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Pull;

public sealed class SharedStampTests(BackendFixture backends)
{
    [Fact]
    public async Task SyncAsync_FiveThousandRowsWithOneStamp_AllArriveInTheBackfill()
    {
        var user = await backends.Main.SignUpWithRowsAsync(5_000, new SeedOptions { SameTimestamp = true });
        await using var device = new Device(backends.Main, user);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(5_000, result.Applied);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_FiveThousandRowsWithOneStampAfterTheFirstSync_AllArriveInTheDelta()
    {
        var user = await backends.Main.SignUpWithRowsAsync(3);
        await using var device = new Device(backends.Main, user);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await backends.Main.InsertArtifactsAsync(user, 5_000);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(5_000, result.Applied);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_StampsOneMicrosecondApart_AllArriveInTheDelta()
    {
        var user = await backends.Main.SignUpWithRowsAsync(3);
        await using var device = new Device(backends.Main, user) { Configure = static options => options.PageSize = 10 };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await backends.Main.SeedAsync(
            user, 1_003, new SeedOptions { FirstIndex = 1_000, StepMicroseconds = 1, NewestAge = TimeSpan.FromSeconds(30) });

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(1_003, result.Applied);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_LargeGapsInKeysAndStamps_AllArrive()
    {
        var user = await backends.Main.SignUpAsync();
        await backends.Main.SqlAsync(
            $"""
            insert into public.gaps (id, owner_id, updated_at) values
                (-9007199254740991, '{user.Id}', '1970-01-01 00:00:00+00'),
                (-4503599627370497, '{user.Id}', '1999-12-31 23:59:59.999999+00'),
                (-1, '{user.Id}', '2000-01-01 00:00:00+00'),
                (0, '{user.Id}', '2024-02-29 12:00:00.000001+00'),
                (1, '{user.Id}', '2024-02-29 12:00:00.00001+00'),
                (4503599627370497, '{user.Id}', '2024-02-29 12:00:00.1+00'),
                (9007199254740990, '{user.Id}', '2024-02-29 12:00:00.10001+00'),
                (9007199254740991, '{user.Id}', now() - interval '1 hour');
            """);
        await using var device = new Device(backends.Main, user, Datasets.Gaps) { Configure = static options => options.PageSize = 1 };

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(8, result.Applied);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_FutureDatedRow_ArrivesAtOnceAndDoesNotMoveTheCursor()
    {
        var user = await backends.Main.SignUpWithRowsAsync(20);
        await using var device = new Device(backends.Main, user);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await backends.Main.InsertStampedArtifactsAsync(user, 1, "now() + interval '1 day'");

        var withFuture = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(1, withFuture.Applied);
        Assert.False(withFuture.Datasets[0].HasMore);
        await device.AssertEqualToServerAsync();
        var status = await device.StatusAsync();
        Assert.True(status.AsOf <= TimeProvider.System.GetUtcNow());

        await backends.Main.InsertArtifactsAsync(user, 5);
        var afterwards = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(5, afterwards.Applied);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_MoreFutureRowsThanOnePage_SaysThatThereIsMore()
    {
        var user = await backends.Main.SignUpWithRowsAsync(5);
        await using var device = new Device(backends.Main, user)
        {
            Configure = static options => (options.PageSize, options.SqlKit) = (10, SqlKitMode.Ignore),
        };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await backends.Main.InsertStampedArtifactsAsync(user, 25, "now() + interval '1 day' + i * interval '1 second'");

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(result.Datasets[0].HasMore);
        Assert.Equal(10, result.Applied);
    }

    [Fact]
    public async Task SyncAsync_FutureRowsBeforeTheFirstSync_AllArrive()
    {
        var user = await backends.Main.SignUpWithRowsAsync(5);
        await backends.Main.InsertStampedArtifactsAsync(user, 250, "now() + interval '1 day' + i * interval '1 second'");
        await using var device = new Device(backends.Main, user);

        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_RowWithoutCursorValue_FailsTypedAndLosesNothing()
    {
        var user = await backends.Main.SignUpAsync();
        await backends.Main.SqlAsync(
            $"""
            insert into public.undated (id, owner_id, updated_at)
            select i, '{user.Id}', case when i = 250 then null else now() - interval '1 day' end from generate_series(1, 300) as i;
            """);
        await using var device = new Device(backends.Main, user, Datasets.Undated) { Configure = static options => options.PageSize = 100 };

        var failure = await Assert.ThrowsAsync<SyncProtocolException>(
            () => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(SyncErrorKind.MissingCursorValue, failure.Kind);
        Assert.Contains("updated_at", failure.Message, StringComparison.Ordinal);
        Assert.Equal(200, await device.CountAsync());

        await backends.Main.SqlAsync($"update public.undated set updated_at = now() where owner_id = '{user.Id}' and id = 250");
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        await device.AssertEqualToServerAsync();
    }
}
