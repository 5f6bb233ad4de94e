using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Faults;

namespace Agent.Sync.IntegrationTests.Interruptions;

public sealed class CallbackTests(BackendFixture backends)
{
    [Fact]
    public async Task SyncAsync_ProgressCallbackThrows_TheRunGoesOn()
    {
        var user = await backends.Main.SignUpWithRowsAsync(300);
        await using var device = new Device(backends.Main, user) { Configure = static options => options.Commit.Interval = TimeSpan.Zero };
        var progress = new ProgressRecorder(static _ => throw new InvalidOperationException("The app's own fault."));

        var result = await device.SyncAsync(progress: progress, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.True(progress.Reports.Count >= 3);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_CancelledInsideTheCallback_ThrowsAndKeepsWhatWasCommitted()
    {
        var user = await backends.Main.SignUpWithRowsAsync(500);
        await using var device = new Device(backends.Main, user) { Configure = static options => options.Commit.Interval = TimeSpan.Zero };
        using var stop = new CancellationTokenSource();
        var progress = new ProgressRecorder(report =>
        {
            if (report.Completed >= 200)
            {
                stop.Cancel();
            }
        });

        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => device.SyncAsync(progress: progress, cancellationToken: stop.Token));

        Assert.Equal(stop.Token, failure.CancellationToken);
        var kept = await device.CountAsync();
        Assert.InRange(kept, 200, 400);
        var status = await device.StatusAsync();
        Assert.Equal(SyncPhase.Backfill, status.Phase);
        Assert.Equal(kept, status.RowsCompleted);

        var resumed = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(500 - kept, resumed.Applied);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_ResumedRun_ProgressStartsWhereTheLastStoppedAndNeverFalls()
    {
        var user = await backends.Main.SignUpWithRowsAsync(500);
        await using var device = new Device(backends.Main, user)
        {
            // The embedded server estimates where PostgREST still counts.
            Configure = static options => (options.TotalCount, options.Commit.Interval) = (TotalCount.Exact, TimeSpan.Zero),
        };
        using var stop = new CancellationTokenSource();
        device.Requests.Before = async number =>
        {
            if (number == 4)
            {
                await stop.CancelAsync();
            }
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => device.SyncAsync(cancellationToken: stop.Token));
        var kept = await device.CountAsync();
        device.Requests.Before = null;
        var progress = new ProgressRecorder();

        await device.SyncAsync(progress: progress, cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(progress.Reports[0].Completed > kept);
        Assert.Equal(500, progress.Reports[0].Total);
        Assert.Equal(Enumerable.Range(1, progress.Reports.Count).Select(static number => (long)number), progress.Reports.Select(static report => report.Sequence));
        Assert.Equal(progress.Reports.OrderBy(static report => report.Completed).ThenBy(static report => report.Sequence), progress.Reports);
        Assert.Equal(progress.Reports.OrderBy(static report => report.Fraction).ThenBy(static report => report.Sequence), progress.Reports);
    }

    [Fact]
    public async Task SyncAsync_TokenCancelledBefore_ThrowsAtOnce()
    {
        var user = await backends.Main.SignUpAsync();
        await using var device = new Device(backends.Main, user);
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => device.SyncAsync(cancellationToken: stop.Token));

        Assert.Equal(0, device.Requests.Count);
    }
}
