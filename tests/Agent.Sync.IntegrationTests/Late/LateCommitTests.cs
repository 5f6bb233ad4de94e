using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Faults;

namespace Agent.Sync.IntegrationTests.Late;

/// <summary>A transaction stamps its rows when it starts and shows them when it commits: in both grades.</summary>
public sealed class LateCommitTests(BackendFixture backends)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_TransactionOpenDuringARun_ItsRowsArriveInTheNext(bool kit)
    {
        backends.Main.RequireSessions();
        var user = await backends.Main.SignUpWithRowsAsync(150);
        await using var device = NewDevice(user, kit);
        var session = Session(user);
        await OpenWriterAsync(user, session, "4 minutes");

        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(150, await device.CountAsync());
        await backends.Main.InsertArtifactsAsync(user, 5);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(155, await device.CountAsync());
        await CommitAsync(session);
        var last = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(3, last.Applied);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_NoOverlapAndNoKit_LosesWhatCommitsLate()
    {
        // The counterpart of the test above: it shows that the rows of an open transaction are really at stake.
        backends.Main.RequireSessions();
        var user = await backends.Main.SignUpWithRowsAsync(150);
        await using var device = new Device(backends.Main, user)
        {
            Configure = static options => (options.OverlapLag, options.SqlKit) = (TimeSpan.Zero, SqlKitMode.Ignore),
        };
        var session = Session(user);
        await OpenWriterAsync(user, session, "4 minutes");

        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await CommitAsync(session);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(150, await device.CountAsync());

        // The documented way out.
        await device.SyncAsync(new SyncRequest { FullResync = true }, cancellationToken: TestContext.Current.CancellationToken);
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_RealTransactionStampedByTheTrigger_ItsRowsArriveInTheNextRun(bool kit)
    {
        backends.Main.RequireSessions();
        var user = await backends.Main.SignUpWithRowsAsync(30);
        await using var device = NewDevice(user, kit);
        var session = Session(user);
        await backends.Main.Host.SqlAsync(
            $"begin; {Backend.InsertArtifacts(user, 2)} update public.artifacts set name = 'changed' where owner_id = '{user.Id}' and size = 37;", session, TestContext.Current.CancellationToken);

        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await backends.Main.SqlAsync(Backend.InsertArtifacts(user, 2));
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await CommitAsync(session);
        var last = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(3, last.Applied);
        Assert.Equal(2, last.Unchanged);
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_RowsChangedBetweenRuns_TheTableFollows(bool kit)
    {
        var user = await backends.Main.SignUpWithRowsAsync(200);
        await using var device = NewDevice(user, kit, static options => options.PageSize = 20);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await backends.Main.SqlAsync(
            $"""
            update public.artifacts set name = name || ' changed', content = null where owner_id = '{user.Id}' and size % 2 = 0;
            update public.artifacts set deleted_at = now() where owner_id = '{user.Id}' and size % 5 = 0;
            """);
        await backends.Main.InsertArtifactsAsync(user, 50);

        await device.SyncToTheEndAsync();

        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 2)]
    [InlineData(true, 5)]
    [InlineData(false, 5)]
    [InlineData(true, 11)]
    [InlineData(false, 11)]
    public async Task SyncAsync_RowsInsertedUpdatedAndCommittedLateDuringABackfill_AllArriveInThatRun(bool kit, int request)
    {
        backends.Main.RequireSessions();
        var user = await backends.Main.SignUpWithRowsAsync(200);
        await using var device = NewDevice(user, kit, static options => options.PageSize = 20);
        var session = Session(user);
        await OpenWriterAsync(user, session, "4 minutes");
        device.Requests.Before = async number =>
        {
            if (number == request)
            {
                await CommitAsync(session);
                await backends.Main.InsertArtifactsAsync(user, 30);
                await backends.Main.SqlAsync(
                    $"""
                    update public.artifacts set name = name || ' changed' where owner_id = '{user.Id}' and size % 3 = 0;
                    update public.artifacts set deleted_at = now() where owner_id = '{user.Id}' and size % 7 = 0;
                    """);
            }
        };

        await device.SyncToTheEndAsync();

        Assert.True(device.Requests.Count > request);
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_RowsChangedDuringADelta_ArriveByTheNextRun(bool kit)
    {
        backends.Main.RequireSessions();
        var user = await backends.Main.SignUpWithRowsAsync(10);
        await using var device = NewDevice(user, kit, static options => options.PageSize = 20);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await backends.Main.InsertStampedArtifactsAsync(user, 300, "now() - interval '2 minutes' + i * interval '100 milliseconds'");
        var session = Session(user);
        await OpenWriterAsync(user, session, "119 seconds");
        device.Requests.Restart();
        device.Requests.Before = async number =>
        {
            if (number == 9)
            {
                await CommitAsync(session);
                await backends.Main.SqlAsync($"update public.artifacts set name = name || ' changed' where owner_id = '{user.Id}' and name like 'Stamped 1%'");
                await backends.Main.InsertArtifactsAsync(user, 40);
            }
        };

        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(device.Requests.Count > 9);
        await device.SyncToTheEndAsync();

        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_InterruptedNearTheTailThenALongPause_LateRowsArrive(bool kit)
    {
        backends.Main.RequireSessions();
        var lag = TimeSpan.FromSeconds(3);
        var user = await backends.Main.SignUpWithRowsAsync(10);
        await using var device = NewDevice(
            user, kit, options => (options.PageSize, options.OverlapLag, options.Commit.Interval) = (20, lag, TimeSpan.Zero));
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var session = Session(user);
        await backends.Main.InsertStampedArtifactsAsync(user, 200, "now() - interval '2 seconds' + i * interval '4 milliseconds'");
        await OpenWriterAsync(user, session, "1200 milliseconds");
        // All of it lies between the overlap's start and the server's last full second, so the run takes it page by page.
        using var stop = new CancellationTokenSource();
        var commits = 0;
        var progress = new ProgressRecorder(_ =>
        {
            if (++commits == 9)
            {
                stop.Cancel();
            }
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => device.SyncAsync(progress: progress, cancellationToken: stop.Token));
        Assert.InRange(await device.CountAsync(), 150, 209);

        // Only the server's clock counts, so it is the server that waits until the overlap is long over.
        await backends.Main.SqlAsync("select pg_sleep(4)");
        await CommitAsync(session);
        await device.SyncToTheEndAsync();

        await device.AssertEqualToServerAsync();
    }

    private static string Session(TestUser user) => $"late-{user.Id}";

    private Device NewDevice(TestUser user, bool kit, Action<SyncOptions>? configure = null) => new(backends.Main, user)
    {
        Configure = options =>
        {
            options.SqlKit = kit ? SqlKitMode.Require : SqlKitMode.Ignore;
            configure?.Invoke(options);
        },
    };

    /// <summary>Writes rows in a transaction that stays open, as if it had started some time ago.</summary>
    private Task OpenWriterAsync(TestUser user, string session, string ago) =>
        backends.Main.InsertStampedArtifactsAsync(user, 3, $"now() - interval '{ago}'", session);

    private async Task CommitAsync(string session)
    {
        await backends.Main.Host.SqlAsync("commit", session);
        await backends.Main.Host.CloseSessionAsync(session);
    }
}
