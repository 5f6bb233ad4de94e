using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Push;

/// <summary>What a push promises, with the SQL kit and without it.</summary>
public sealed class DatasetPushTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_InsertsUpdatesDeletes_AreOnTheServerAndAcknowledged(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.Share((1, "one"), (2, "two"), (3, "three"));
        harness.Insert(10, "ten");
        harness.Update(1, "uno");
        harness.Delete(2);

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Equal(("ten", "uno", null, "three"), (harness.Server.NameOf(10), harness.Server.NameOf(1), harness.Server.NameOf(2), harness.Server.NameOf(3)));
        Assert.Empty(await harness.ListAsync());
        Assert.Equal((3, 0, 0), (harness.Counts.Pushed, harness.Counts.Conflicts, harness.Counts.Rejected));

        // The server's own version and time are here, so that the row coming back is a no-op.
        Assert.Contains($"\"version\":{harness.Server.VersionOf(10)}", harness.LocalRow(10), StringComparison.Ordinal);
        Assert.Contains($"\"version\":{harness.Server.VersionOf(1)}", harness.LocalRow(1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NothingWaits_SendsNothing()
    {
        var harness = new PushHarness();
        harness.Share((1, "one"));

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Empty(harness.Server.Calls);
        Assert.Empty(harness.Log.Lines);
    }

    [Theory]
    [InlineData(1, 30, 30)]
    [InlineData(100, 1000, 10)]
    [InlineData(500, 1000, 2)]
    [InlineData(1000, 1000, 1)]
    [InlineData(1000, 1001, 2)]
    public async Task Run_BatchRows_BoundsTheRequests(int batchRows, int changes, int requests)
    {
        foreach (var kit in new[] { false, true })
        {
            var harness = new PushHarness(kit);
            harness.Options.Push.BatchRows = batchRows;
            harness.InsertMany(changes);

            await harness.RunAsync();

            Assert.Equal(changes, harness.Server.Table.Count);
            Assert.Equal(requests, harness.Server.Calls.Count);
        }
    }

    [Theory]
    [InlineData(false, 1500)]
    [InlineData(false, 10_000)]
    [InlineData(true, 2000)]
    [InlineData(true, 10_000)]
    public async Task Run_BatchBytes_BoundsTheBodies(bool kit, int bytes)
    {
        var harness = new PushHarness(kit);
        harness.Options.Push.BatchBytes = bytes;
        harness.InsertMany(500);

        await harness.RunAsync();

        Assert.Equal(500, harness.Server.Table.Count);
        Assert.All(harness.Server.Calls, call => Assert.InRange(call.Body.Length, 1, bytes));

        // No more requests than the bytes make necessary, but for the rest of each window.
        Assert.InRange(harness.Server.Calls.Count, 1, (harness.Server.Calls.Sum(static call => call.Body.Length) / (bytes * 0.8)) + 1);
    }

    [Fact]
    public async Task Run_OneChangeAboveTheBytes_GoesAlone()
    {
        var harness = new PushHarness();
        harness.Options.Push.BatchBytes = 1024;
        harness.Insert(1);
        harness.Insert(2, new string('x', 5000));
        harness.Insert(3);

        await harness.RunAsync();

        Assert.Equal(3, harness.Server.Calls.Count);
        Assert.Equal(3, harness.Server.Table.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_TimeIsOverWithChangesOfAnEarlierRun_KeepsThemInFlight(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.Options.Push.BatchRows = 10;
        harness.InsertMany(10);
        harness.Server.After = static (_, _) => Failures.Lost();
        await Assert.ThrowsAsync<SyncTransportException>(() => harness.RunAsync());
        Assert.All(await harness.ListAsync(), static change => Assert.Equal(ChangeState.InFlight, change.State));

        harness.Options.Push.BatchRows = 2;
        using var timeOver = new CancellationTokenSource();
        harness.TimeOver = timeOver.Token;
        harness.Server.After = (_, _) =>
        {
            timeOver.Cancel();
            return null;
        };
        await harness.RunAsync();

        var left = await harness.ListAsync();
        Assert.NotEmpty(left);
        Assert.All(left, static change => Assert.Equal(ChangeState.InFlight, change.State));
    }

    [Fact]
    public async Task Run_TwoConflictsOfOneUnit_AreBothSettled()
    {
        var harness = new PushHarness();
        harness.Share((1, "a"), (2, "b"));
        harness.Update(1, "mine");
        harness.Update(2, "mine");
        harness.Server.Write(1, "theirs");
        harness.Server.Write(2, "theirs");

        await harness.RunAsync();

        Assert.Equal(2, harness.Counts.Conflicts);
        Assert.Empty(await harness.ListAsync());
    }

    [Fact]
    public async Task Run_TimeIsOverBetweenSingles_SendsNoMore()
    {
        var harness = new PushHarness();
        harness.Share((1, "a"), (2, "b"), (3, "c"), (4, "d"));
        for (var id = 1; id <= 4; id++)
        {
            harness.Update(id, "mine");
        }

        using var timeOver = new CancellationTokenSource();
        harness.TimeOver = timeOver.Token;
        harness.Server.After = (_, _) =>
        {
            timeOver.Cancel();
            return null;
        };

        await harness.RunAsync();

        Assert.Equal(1, harness.Counts.Pushed);
        Assert.Equal("b", harness.Server.NameOf(2));
    }
}
