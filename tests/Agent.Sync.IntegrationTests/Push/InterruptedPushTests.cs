using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Outages;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>A push that is cut off anywhere loses nothing and writes nothing twice. The tests of this class run one after the other.</summary>
public sealed class InterruptedPushTests(DurableBackend durable) : IClassFixture<DurableBackend>
{
    private const int Rows = 60;
    private const int Edited = 20;
    private const int Deleted = 10;
    private const int Inserted = 30;

    private Backend Backend => durable.Backend;

    private LocalBackendHost Host => durable.Backend.Host;

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(true, 4)]
    [InlineData(false, 4)]
    public async Task SyncAsync_DatabaseKilledMidPush_NextRunSendsTheRestAndNothingTwice(bool kit, int requests)
    {
        Backend.RequireSessions();
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(wire, kit, requests);
        var (writes, killing) = (0, Task.CompletedTask);
        wire.Before = request =>
        {
            // The third is sent while the database dies; the others after it find none.
            var number = request.IsWrite ? Interlocked.Increment(ref writes) : 0;
            killing = number == 3 ? Host.StopDatabaseAsync(crash: true) : killing;
            return number > 3 ? killing : Task.CompletedTask;
        };

        await Assert.ThrowsAnyAsync<SyncException>(() => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));
        await killing;
        await Host.StartDatabaseAsync(TestContext.Current.CancellationToken);

        // The API's process may have ended with the query that it waited for.
        await Host.RestartAsync(TestContext.Current.CancellationToken);
        wire.Before = null;
        Assert.NotEmpty(await device.ChangesAsync());
        await AssertAllArriveOnceAsync(device);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_ApiStoppedMidPush_NextRunSendsTheRestAndNothingTwice(bool kit)
    {
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(wire, kit, requests: 2);
        var stopped = Once(wire, number: 3, () => Host.StopApiAsync());

        var failure = await Assert.ThrowsAnyAsync<SyncException>(() => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));
        await Host.StartApiAsync(TestContext.Current.CancellationToken);

        Assert.True(stopped());
        Assert.True(failure.IsTransient);
        Assert.NotEmpty(await device.ChangesAsync());
        await AssertAllArriveOnceAsync(device);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_ApiRestartedMidPush_RetriesCarryTheRun(bool kit)
    {
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(wire, kit, requests: 1);
        device.Configure += static options => options.Retry.MaxRetries = 8;
        var restarted = Once(wire, number: 3, () => Host.RestartAsync());

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(restarted());
        Assert.Equal((SyncOutcome.Completed, Edited + Deleted + Inserted, 0), (result.Outcome, result.Pushed, result.Conflicts));
        await AssertAllArriveOnceAsync(device);
    }

    [Theory]
    [InlineData(true, 1, true)]
    [InlineData(false, 1, true)]
    [InlineData(true, 2, false)]
    [InlineData(false, 2, false)]
    [InlineData(true, 4, true)]
    [InlineData(false, 4, false)]
    public async Task SyncAsync_CancelledMidPush_KeepsWhatWasAnsweredAndSendsTheRestNextTime(bool kit, int number, bool onceAnswered)
    {
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(wire, kit, requests: 2);
        using var stop = new CancellationTokenSource();
        var cancelled = Once(wire, number, stop.CancelAsync, onceAnswered);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => device.SyncAsync(cancellationToken: stop.Token));

        Assert.True(cancelled());
        await AssertAllArriveOnceAsync(device);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_CancelledAtEveryRequestInTurn_GetsThere(bool kit)
    {
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(wire, kit, requests: 1);
        var runs = 0;
        for (var isDone = false; !isDone; runs++)
        {
            using var stop = new CancellationTokenSource();
            var written = 0;
            wire.Loses = async request =>
            {
                if (request.IsWrite && ++written == 3)
                {
                    await stop.CancelAsync();
                }

                return false;
            };
            isDone = await Record.ExceptionAsync(() => device.SyncAsync(cancellationToken: stop.Token)) is null;
            Assert.True(runs < Rows + Inserted, "No run gets further than the one before.");
        }

        Assert.InRange(runs, 2, int.MaxValue);
        wire.Loses = null;
        await AssertAllArriveOnceAsync(device);
    }

    /// <summary>Makes something happen at one of the writes.</summary>
    /// <returns>Tells whether it did.</returns>
    private static Func<bool> Once(Wire wire, int number, Func<Task> work, bool onceAnswered = false)
    {
        var (writes, happened) = (0, false);
        if (onceAnswered)
        {
            wire.Loses = async request =>
            {
                await AtAsync(request);
                return false;
            };
        }
        else
        {
            wire.Before = AtAsync;
        }

        return () => happened;

        async Task AtAsync(WireRequest request)
        {
            if (request.IsWrite && Interlocked.Increment(ref writes) == number)
            {
                happened = true;
                await work();
            }
        }
    }

    /// <summary>A device with edits, deletes and inserts that wait, sent a few at a time.</summary>
    private async Task<Device> NewDeviceAsync(Wire wire, bool kit, int requests)
    {
        var device = new Device(Backend, await Backend.SignUpWithRowsAsync(Rows))
        {
            Handler = wire,
            Configure = options =>
            {
                options.SqlKit = kit ? SqlKitMode.Require : SqlKitMode.Ignore;
                (options.Push.BatchRows, options.Push.MaxRequests) = (8, requests);
                (options.Retry.MaxRetries, options.Retry.Delay) = (2, TimeSpan.FromMilliseconds(20));
            },
        };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.EditAsync($"update artifacts set name = 'Edited' where id in (select id from artifacts order by id limit {Edited})");
        await device.EditAsync($"delete from artifacts where id in (select id from artifacts order by id desc limit {Deleted})");
        await device.InsertArtifactsAsync(Inserted);
        wire.Forget();
        return device;
    }

    private async Task AssertAllArriveOnceAsync(Device device)
    {
        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((SyncOutcome.Completed, 0, 0), (result.Outcome, result.Conflicts, result.Rejected));
        Assert.Empty(await device.ChangesAsync());
        await device.AssertEqualToServerAsync();
        var rows = await Backend.SqlAsync(
            $"""
            select count(*)::int as total,
                count(*) filter (where name like 'Mine %' and version = 1)::int as inserted,
                count(*) filter (where name = 'Edited' and version = 2)::int as edited,
                count(*) filter (where deleted_at is not null and version = 2)::int as deleted
            from public.artifacts where owner_id = '{device.User.Id}'
            """);
        Assert.Equal(
            (Rows + Inserted, Inserted, Edited, Deleted),
            (rows[0].GetProperty("total").GetInt32(), rows[0].GetProperty("inserted").GetInt32(),
                rows[0].GetProperty("edited").GetInt32(), rows[0].GetProperty("deleted").GetInt32()));
    }
}
