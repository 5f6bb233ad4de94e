using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Faults;

namespace Agent.Sync.IntegrationTests.Running;

public sealed class RunTests(BackendFixture backends)
{
    [Fact]
    public async Task SyncAsync_MaxDuration_StopsAtACommitAndTheNextRunGoesOn()
    {
        const int Rows = 300;
        var user = await backends.Main.SignUpWithRowsAsync(Rows);
        await using var device = new Device(backends.Main, user) { Configure = static options => options.PageSize = 10 };

        // The time is over at the tenth request, however fast the machine is.
        device.Requests.Before = number => number == 10 ? backends.Main.SqlAsync("select pg_sleep(0.6)") : Task.CompletedTask;
        var stopped = 0;
        long applied = 0;
        SyncResult result;
        do
        {
            device.Requests.Restart();
            var before = File.Exists(device.DatabasePath) ? (await device.StatusAsync()).RowsCompleted : 0;
            result = await device.SyncAsync(
                new SyncRequest { MaxDuration = TimeSpan.FromMilliseconds(500) }, cancellationToken: TestContext.Current.CancellationToken);
            applied += result.Applied;
            if (result.Outcome == SyncOutcome.TimeBudgetReached)
            {
                stopped++;
                Assert.True((await device.StatusAsync()).RowsCompleted >= before);
                Assert.Equal(applied, await device.CountAsync());
            }
        }
        while (result.Outcome == SyncOutcome.TimeBudgetReached && stopped < 100);

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.True(stopped > 0);
        Assert.Equal(Rows, applied);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task GetStatusAsync_BeforeDuringAndAfterARun_TellsThePosition()
    {
        var user = await backends.Main.SignUpWithRowsAsync(200);
        await using var device = new Device(backends.Main, user)
        {
            Configure = static options => (options.PageSize, options.Commit.Interval) = (20, TimeSpan.Zero),
        };
        await using var open = device.Open();
        var before = (await open.Engine.GetStatusAsync(TestContext.Current.CancellationToken)).Datasets[0];
        DatasetStatus? during = null;
        device.Requests.Before = async number =>
        {
            if (number == 8)
            {
                during = (await open.Engine.GetStatusAsync()).Datasets[0];
            }
        };

        await open.Engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var after = (await open.Engine.GetStatusAsync(TestContext.Current.CancellationToken)).Datasets[0];

        Assert.Equal((SyncPhase.NotStarted, 0, 0), (before.Phase, before.RowsCompleted, before.Revision));
        Assert.Null(before.SavedAt);
        Assert.Null(before.AsOf);
        Assert.Equal(SyncPhase.Backfill, during!.Phase);
        Assert.InRange(during.RowsCompleted, 20, 160);
        Assert.Null(during.AsOf);
        Assert.Equal(SyncPhase.Delta, after.Phase);
        Assert.Equal(200, after.RowsCompleted);
        Assert.False(after.IsResync);
        Assert.True(after.Revision > during.Revision);
        var now = TimeProvider.System.GetUtcNow();
        Assert.InRange(after.AsOf!.Value, now.AddMinutes(-2), now.AddMinutes(1));
        Assert.InRange(after.SavedAt!.Value, now.AddMinutes(-2), now);
    }

    [Fact]
    public async Task SyncAsync_AnotherEngineOnTheSameFile_IsToldWhoHoldsTheLease()
    {
        var user = await backends.Main.SignUpWithRowsAsync(100);
        await using var device = new Device(backends.Main, user) { Configure = static options => options.PageSize = 20 };
        await using var first = device.Open();
        await using var second = device.Open();
        await using var third = device.Open();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        device.Requests.Before = async number =>
        {
            if (number == 3)
            {
                held.SetResult();
                await goOn.Task;
            }
        };

        var running = first.Engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await held.Task;
        var refused = await Assert.ThrowsAsync<SyncStoreException>(
            () => second.Engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));
        var reset = await Assert.ThrowsAsync<SyncStoreException>(
            () => second.Engine.ResetAsync("artifacts", TestContext.Current.CancellationToken));
        var waiting = third.Engine.SyncAsync(
            new SyncRequest { LeaseWait = TimeSpan.FromMinutes(1) }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        goOn.SetResult();

        Assert.Equal(SyncErrorKind.LeaseHeld, refused.Kind);
        Assert.True(refused.IsTransient);
        Assert.Contains("another engine in this process", refused.Message, StringComparison.Ordinal);
        Assert.Equal(SyncErrorKind.LeaseHeld, reset.Kind);
        Assert.Equal(100, (await running).Applied);
        var waited = await waiting;
        Assert.Equal(SyncOutcome.Completed, waited.Outcome);
        Assert.Equal(0, waited.Applied);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_FromWithinARunOfTheSameEngine_IsRefused()
    {
        var user = await backends.Main.SignUpWithRowsAsync(100);
        await using var device = new Device(backends.Main, user) { Configure = static options => options.PageSize = 20 };
        await using var open = device.Open();
        Exception? refused = null;
        device.Requests.Before = async number =>
        {
            if (number == 3)
            {
                refused = await Record.ExceptionAsync(
                    () => open.Engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));
            }
        };

        await open.Engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Contains("wait for itself", Assert.IsType<InvalidOperationException>(refused).Message, StringComparison.Ordinal);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_TwiceAtOnceOnOneEngine_TakeTurns()
    {
        var user = await backends.Main.SignUpWithRowsAsync(100);
        await using var device = new Device(backends.Main, user) { Configure = static options => options.PageSize = 20 };
        await using var open = device.Open();

        var results = await Task.WhenAll(
            open.Engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken),
            open.Engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal([100, 0], results.Select(static result => result.Applied));
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_SeveralDatasets_RunInOrderAndAddUp()
    {
        var user = await backends.Main.SignUpWithRowsAsync(300, new BackendHost.SeedOptions { Projects = 12, DeletedEvery = 10 });
        await using var device = new Device(backends.Main, user, Datasets.Projects, Datasets.Artifacts);
        var progress = new ProgressRecorder();

        var result = await device.SyncAsync(progress: progress, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(["projects", "artifacts"], result.Datasets.Select(static dataset => dataset.Dataset));
        Assert.Equal(["projects", "artifacts"], progress.Reports.Select(static report => report.Dataset).Distinct());
        Assert.Equal([12, 270], result.Datasets.Select(static dataset => dataset.Applied));
        Assert.Equal(result.Datasets.Sum(static dataset => dataset.Applied), result.Applied);
        Assert.Equal(result.Datasets.Sum(static dataset => dataset.Unchanged), result.Unchanged);

        // Rows that an open transaction of another test holds back from the horizon are read once more.
        Assert.InRange(result.Applied + result.Unchanged + result.Deleted, 312, long.MaxValue);
        Assert.Equal(CompletenessGrade.Exact, result.Grade);
        Assert.All(result.Datasets, static dataset => Assert.Equal(CompletenessGrade.Exact, dataset.Grade));
        await device.AssertEqualToServerAsync(Datasets.Projects);
        await device.AssertEqualToServerAsync(Datasets.Artifacts);

        var one = await device.SyncAsync(
            new SyncRequest { Datasets = ["projects"] }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("projects", Assert.Single(one.Datasets).Dataset);
    }

    // The rows, the empty page that ends the backfill, and the delta's; later the delta's alone. With the kit the horizon
    // before and after the backfill and the tombstones too; later horizon, delta and tombstones.
    [Theory]
    [InlineData(SqlKitMode.Ignore, 3, 1)]
    [InlineData(SqlKitMode.Require, 6, 3)]
    public async Task SyncAsync_SmallDataset_TakesThreeRequestsAndThenOneOrTwiceThatWithTheKit(SqlKitMode kit, int firstRequests, int thenRequests)
    {
        var user = await backends.Main.SignUpWithRowsAsync(100);
        await using var device = new Device(backends.Main, user) { Configure = options => options.SqlKit = kit };

        var first = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var second = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(firstRequests + PagesReadAgain(first), first.Datasets[0].Requests);
        Assert.Equal(thenRequests + PagesReadAgain(second), second.Datasets[0].Requests);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"100 rows: {first.Datasets[0].Requests} requests in {first.Duration.TotalMilliseconds:F0} ms, then {second.Datasets[0].Requests} in {second.Duration.TotalMilliseconds:F0} ms.");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_001)]
    public async Task SyncAsync_PageSizeOutOfRange_ThrowsArgumentException(int pageSize)
    {
        var user = await backends.Main.SignUpAsync();
        await using var device = new Device(backends.Main, user);

        await Assert.ThrowsAnyAsync<ArgumentException>(
            () => device.SyncAsync(new SyncRequest { PageSize = pageSize }, cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task SyncAsync_UnknownDataset_ThrowsArgumentException()
    {
        var user = await backends.Main.SignUpAsync();
        await using var device = new Device(backends.Main, user);

        await Assert.ThrowsAnyAsync<ArgumentException>(
            () => device.SyncAsync(new SyncRequest { Datasets = ["no_such"] }, cancellationToken: TestContext.Current.CancellationToken));
    }

    /// <summary>Rows that an open transaction of another test holds back from the horizon are read once more, in one page.</summary>
    private static int PagesReadAgain(SyncResult result) => result.Unchanged > 0 ? 1 : 0;
}
