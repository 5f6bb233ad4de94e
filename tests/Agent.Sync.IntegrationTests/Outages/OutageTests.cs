using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Outages;

/// <summary>The tests of this class run one after the other: each leaves the backend running.</summary>
public sealed class OutageTests(OutageBackend outage) : IClassFixture<OutageBackend>
{
    private const int Rows = 300;

    private Backend Backend => outage.Backend;

    private LocalBackendHost Host => outage.Backend.Host;

    [Fact]
    public async Task SyncAsync_ApiRestartedMidRun_RetriesCarryTheRun()
    {
        await using var device = await NewDeviceAsync(Patient);
        var starting = Task.CompletedTask;
        device.Requests.Before = async number =>
        {
            if (number == 7)
            {
                await Host.StopApiAsync();
                starting = Host.StartApiAsync();
            }
        };

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await starting;

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.True(result.Datasets[0].Retries > 0);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_ApiGoneForGood_FailsTransientlyAndKeepsWhatWasCommitted()
    {
        await using var device = await NewDeviceAsync(Hasty);
        device.Requests.Before = number => number == 7 ? Host.StopApiAsync() : Task.CompletedTask;

        var thrown = await Record.ExceptionAsync(() => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));
        await Host.StartApiAsync(TestContext.Current.CancellationToken);

        var failure = Assert.IsType<SyncTransportException>(thrown);
        Assert.Equal(SyncErrorKind.Unreachable, failure.Kind);
        Assert.True(failure.IsTransient);
        Assert.Equal("artifacts", failure.Dataset);
        Assert.Equal(100, await device.CountAsync());

        device.Requests.Before = null;
        var resumed = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Rows - 100, resumed.Applied);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_ApiDownFromTheStart_FailsTransiently()
    {
        await using var device = await NewDeviceAsync(Hasty);
        await Host.StopApiAsync(TestContext.Current.CancellationToken);

        var failure = await Record.ExceptionAsync(() => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));
        await Host.StartApiAsync(TestContext.Current.CancellationToken);

        Assert.True(Assert.IsType<SyncTransportException>(failure).IsTransient);
        Assert.Equal(SyncPhase.NotStarted, (await device.StatusAsync()).Phase);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_DatabaseRestartedMidRun_RetriesCarryTheRun()
    {
        Backend.RequireSessions();
        await using var device = await NewDeviceAsync(Patient);
        var starting = Task.CompletedTask;
        device.Requests.Before = async number =>
        {
            if (number == 7)
            {
                await Host.StopDatabaseAsync();
                starting = StartLaterAsync();
            }
        };

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await starting;

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.True(result.Datasets[0].Retries > 0);
        await device.AssertEqualToServerAsync();

        async Task StartLaterAsync()
        {
            // The first refusal has to be seen before the database is back.
            while (device.Requests.Count < 7)
            {
                await Task.Yield();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
            await Host.StartDatabaseAsync();
        }
    }

    [Fact]
    public async Task SyncAsync_DatabaseGoneForGood_FailsTransientlyAndKeepsWhatWasCommitted()
    {
        Backend.RequireSessions();
        await using var device = await NewDeviceAsync(Hasty);
        device.Requests.Before = number => number == 7 ? Host.StopDatabaseAsync() : Task.CompletedTask;

        var thrown = await Record.ExceptionAsync(() => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));
        await Host.StartDatabaseAsync(TestContext.Current.CancellationToken);

        var failure = Assert.IsType<SyncTransportException>(thrown);
        Assert.Equal(SyncErrorKind.ServerError, failure.Kind);
        Assert.True(failure.IsTransient);
        Assert.Equal(100, await device.CountAsync());

        device.Requests.Before = null;
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.AssertEqualToServerAsync();
    }

    private static void Patient(RetryOptions retry) => (retry.MaxRetries, retry.Delay) = (8, TimeSpan.FromMilliseconds(100));

    private static void Hasty(RetryOptions retry) => (retry.MaxRetries, retry.Delay) = (2, TimeSpan.FromMilliseconds(10));

    private async Task<Device> NewDeviceAsync(Action<RetryOptions> retry) => new(Backend, await Backend.SignUpWithRowsAsync(Rows))
    {
        Configure = options =>
        {
            // The requests that the tests count are those of the pages, one after the other.
            (options.PageSize, options.MaxPullRequests, options.Commit.Interval, options.SqlKit) = (20, 1, TimeSpan.Zero, SqlKitMode.Ignore);
            retry(options.Retry);
        },
    };
}
