using Agent.Sync.Stores;
using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Push;

/// <summary>Answers that are lost, runs that are cut short: nothing is sent twice in effect, and nothing is forgotten.</summary>
public sealed class DeliveryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_AnswerLostAfterTheCommit_IsAppliedByTheNextRun(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.Share((1, "one"), (2, "two"));
        harness.Insert(3, "three");
        harness.Update(1, "uno");
        harness.Delete(2);
        harness.Server.After = static (_, call) => call.Method == HttpMethod.Get ? null : Failures.Lost();
        for (var run = 0; run < 3; run++)
        {
            await Assert.ThrowsAsync<SyncTransportException>(() => harness.RunAsync());
        }

        harness.Server.After = static (_, _) => null;
        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Equal(0, harness.Counts.Conflicts);
        Assert.Equal(("uno", null, "three"), (harness.Server.NameOf(1), harness.Server.NameOf(2), harness.Server.NameOf(3)));
        Assert.Empty(await harness.ListAsync());
        Assert.Contains($"\"version\":{harness.Server.VersionOf(1)}", harness.LocalRow(1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AnswerLostAndAnotherDeviceWroteSince_IsAppliedWithTheKit()
    {
        var harness = new PushHarness(kit: true);
        harness.Options.Push.ConflictPolicy = ConflictPolicy.Resolver;
        harness.Share((1, "one"));
        harness.Update(1, "uno");
        harness.Server.After = static (_, _) => Failures.Lost();
        await Assert.ThrowsAsync<SyncTransportException>(() => harness.RunAsync());

        harness.Server.Write(1, "theirs");
        harness.Server.After = static (_, _) => null;
        await harness.RunAsync();

        Assert.Equal((1, 0), (harness.Counts.Pushed, harness.Counts.Conflicts));
        Assert.Equal("theirs", harness.Server.NameOf(1));
        Assert.Contains("theirs", harness.LocalRow(1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_AnswerLost_ResendsTheSameBody(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.InsertMany(3);
        harness.Server.After = static (number, _) => number == 0 ? Failures.Lost() : null;
        await Assert.ThrowsAsync<SyncTransportException>(() => harness.RunAsync());
        Assert.All(await harness.ListAsync(), static change => Assert.Equal(ChangeState.InFlight, change.State));

        // An edit made meanwhile waits behind what may have arrived.
        harness.Update(2, "edited");
        await harness.RunAsync();

        Assert.Equal(harness.Server.Bodies[0], harness.Server.Bodies[1]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_BatchIsNotAnsweredAndItsHalvesAre_Completes(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.InsertMany(8);
        harness.Server.Before = static (number, _) => number == 0 ? Failures.Unanswered() : null;

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Equal(8, harness.Server.Table.Count);
        Assert.Empty(await harness.ListAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_BatchIsNotAnsweredAndItsFirstHalfRefused_LeavesAllOfItInFlight(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.InsertMany(8);
        harness.Server.Before = static (number, call) => number == 0 ? Failures.Unanswered() : Failures.Answered(404, "42P01", call);

        await Assert.ThrowsAnyAsync<SyncException>(() => harness.RunAsync());

        // The attempt without an answer may have arrived.
        Assert.Equal(8, (await harness.ListAsync(ChangeState.InFlight)).Count);
    }

    [Theory]
    [InlineData(400, null)]
    [InlineData(408, null)]
    [InlineData(503, null)]
    [InlineData(500, "57P01")]
    public async Task Run_ServerGaveUpOnTheBatch_LeavesItInFlight(int status, string? code)
    {
        var harness = new PushHarness();
        harness.InsertMany(3);
        harness.Server.Before = (_, call) => Failures.Answered(status, code, call);

        await Assert.ThrowsAnyAsync<SyncException>(() => harness.RunAsync());

        Assert.Equal(3, (await harness.ListAsync(ChangeState.InFlight)).Count);
    }

    [Fact]
    public async Task Run_LookUpIsRefusedAfterTheWrite_LeavesInFlightWhatMayHaveArrived()
    {
        var harness = new PushHarness();
        harness.Server.Write(1, "n");
        harness.Insert(1);
        harness.Server.Before = static (_, call) => call.Method == HttpMethod.Get ? Failures.Answered(401, "PGRST301", call) : null;

        await Assert.ThrowsAnyAsync<SyncException>(() => harness.RunAsync());
        harness.Delete(1);
        harness.Server.Before = static (_, _) => null;
        await harness.RunAsync();
        await harness.RunAsync();

        Assert.Null(harness.Server.NameOf(1));
        Assert.Empty(await harness.ListAsync());
    }

    [Fact]
    public async Task Run_AnswerIsCutByTheServersCap_IsReadBackAndApplied()
    {
        var harness = new PushHarness();
        harness.Server.Double.MaxRows = 7;
        harness.InsertMany(50);

        // What comes again names no row that is there already, so all of them are looked up; max-rows cuts that answer.
        harness.Server.After = static (number, _) => number == 0 ? Failures.Lost() : null;
        await Assert.ThrowsAsync<SyncTransportException>(() => harness.RunAsync());

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Equal((50, 0, 0), (harness.Counts.Pushed, harness.Counts.Conflicts, harness.Counts.Rejected));
        Assert.Empty(await harness.ListAsync());
    }

    [Fact]
    public async Task Run_FailsInBetween_SettlesWhatWasAnsweredAndReturnsTheRest()
    {
        var harness = new PushHarness();
        harness.Options.Push.BatchRows = 10;
        harness.InsertMany(40);
        harness.Server.Before = static (number, call) => number == 1 ? Failures.Answered(503, null, call) : null;

        await Assert.ThrowsAsync<SyncTransportException>(() => harness.RunAsync());

        var left = await harness.ListAsync();
        Assert.Equal(10, left.Count(static change => change.State == ChangeState.InFlight));
        Assert.Equal(20, left.Count(static change => change.State == ChangeState.Waiting));
        Assert.Equal(10, harness.Counts.Pushed);
    }

    [Fact]
    public async Task Run_SingleWritesFailInBetween_SettlesThoseAnswered()
    {
        var harness = new PushHarness();
        harness.Share((1, "a"), (2, "b"), (3, "c"), (4, "d"));
        for (var id = 1; id <= 4; id++)
        {
            harness.Update(id, "new");
        }

        harness.Server.Before = static (number, call) => number == 2 ? Failures.Answered(503, null, call) : null;

        await Assert.ThrowsAsync<SyncTransportException>(() => harness.RunAsync());

        Assert.Equal([ChangeState.InFlight, ChangeState.Waiting], (await harness.ListAsync()).Select(static change => change.State));
    }

    [Fact]
    public async Task Run_LookUpOfARowThatWasNotMetIsRefused_LeavesItInFlight()
    {
        var harness = new PushHarness();
        harness.Share((1, "a"), (2, "b"));
        harness.Update(1, "new");
        harness.Update(2, "new");
        harness.Server.Delete(1);
        harness.Server.Before = static (_, call) => call.Method == HttpMethod.Get ? Failures.Answered(404, "42P01", call) : null;

        await Assert.ThrowsAnyAsync<SyncException>(() => harness.RunAsync());

        // It was not met, perhaps because an earlier attempt had written it.
        Assert.Equal([ChangeState.InFlight, ChangeState.Waiting], (await harness.ListAsync()).Select(static change => change.State));
    }

    [Fact]
    public async Task Run_ManyRowsWereNotMet_LooksThemUpInFewRequests()
    {
        var harness = new PushHarness();
        harness.Options.Push.ConflictPolicy = ConflictPolicy.ServerWins;
        harness.Share([.. Enumerable.Range(1, 100).Select(static id => ((long)id, "old"))]);
        for (var id = 1; id <= 100; id++)
        {
            harness.Update(id, "mine");
            harness.Server.Write(id, "theirs");
        }

        await harness.RunAsync();

        Assert.Equal(100, harness.Counts.Conflicts);
        Assert.InRange(harness.Server.Calls.Count(static call => call.Method == HttpMethod.Get), 1, 20);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_Cancelled_SettlesTheAnswerInHandAndReturnsWhatWasNotSent(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.Options.Push.BatchRows = 10;
        harness.InsertMany(40);
        using var cancellation = new CancellationTokenSource();
        harness.Cancellation = cancellation.Token;
        harness.Server.After = (number, _) =>
        {
            if (number == 1)
            {
                cancellation.Cancel();
            }

            return null;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => harness.RunAsync());

        Assert.Equal(20, harness.Server.Table.Count);
        Assert.Equal(20, harness.Counts.Pushed);
        Assert.All(await harness.ListAsync(), static change => Assert.Equal(ChangeState.Waiting, change.State));
    }

    [Fact]
    public async Task Run_CancelledWhileARequestIsUnderWay_LeavesItsChangesInFlight()
    {
        var harness = new PushHarness();
        harness.InsertMany(3);
        using var cancellation = new CancellationTokenSource();
        harness.Cancellation = cancellation.Token;
        harness.Server.Wait = (_, _, token) => Task.Delay(Timeout.InfiniteTimeSpan, harness.Time, token);
        var run = harness.RunAsync();
        Assert.False(run.IsCompleted);

        cancellation.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.All(await harness.ListAsync(), static change => Assert.Equal(ChangeState.InFlight, change.State));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_TimeIsOver_StopsAfterASettledBatch(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.Options.Push.BatchRows = 10;
        harness.InsertMany(40);
        using var timeOver = new CancellationTokenSource();
        harness.TimeOver = timeOver.Token;
        harness.Server.After = (number, _) =>
        {
            if (number == 1)
            {
                timeOver.Cancel();
            }

            return null;
        };

        Assert.Equal(SyncOutcome.TimeBudgetReached, await harness.RunAsync());

        Assert.Equal(20, harness.Counts.Pushed);
        Assert.All(await harness.ListAsync(), static change => Assert.Equal(ChangeState.Waiting, change.State));
    }

    [Fact]
    public async Task Run_AppKeepsWriting_EndsAllTheSame()
    {
        var harness = new PushHarness();
        harness.Options.Push.BatchRows = 1;
        harness.InsertMany(5);
        var next = 100;
        harness.Server.Before = (_, _) =>
        {
            harness.Insert(next++);
            return null;
        };

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync(ChangePart.Writes));

        Assert.Equal(5, harness.Counts.Pushed);
        Assert.Equal(5, (await harness.ListAsync(ChangeState.Waiting)).Count);
    }

    [Fact]
    public async Task Run_BaseWasPulledBeforeTheKitCame_WaitsForThePullInsteadOfOverwriting()
    {
        var before = new PushHarness();
        before.Share((1, "one"));

        var harness = new PushHarness(kit: true);
        harness.Share((2, "two"));
        harness.Update(2, "due");
        harness.OtherStore = new ForgetfulStore(harness.Edits);
        harness.Server.Write(2, "theirs");

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Empty(harness.Server.Calls);
        Assert.Equal(ChangeState.Waiting, Assert.Single(await harness.ListAsync()).State);
    }

    [Fact]
    public async Task Run_Progress_CountsTowardsTheWaitingChanges()
    {
        var harness = new PushHarness();
        harness.Options.Push.BatchRows = 10;
        harness.Share((1000, "x"));
        harness.InsertMany(30);
        harness.Delete(1000);

        await harness.RunAsync();

        Assert.All(harness.Progress.Snapshots, static snapshot => Assert.Equal((SyncPhase.Push, 31L), (snapshot.Phase, snapshot.Total)));
        Assert.Equal([0, 10, 20, 30, 30, 31], harness.Progress.Snapshots.Select(static snapshot => snapshot.Completed));
    }

    [Fact]
    public async Task Run_LogsAndErrors_HoldNothingOfARow()
    {
        foreach (var kit in new[] { false, true })
        {
            var harness = new PushHarness(kit);
            harness.Share((7_350_001, "canary-one"), (7_350_002, "canary-two"));
            harness.Insert(7_350_003, "canary-three");
            harness.Update(7_350_001, "canary-uno");
            harness.Delete(7_350_002);
            harness.Server.Write(7_350_001, "canary-theirs");
            harness.Server.Refuse = static row => (long)row["id"]! == 7_350_003 ? "23514" : null;
            harness.Server.Before = static (number, call) => number == 3 ? Failures.Answered(503, null, call) : null;
            var exception = kit ? null : await Assert.ThrowsAsync<SyncTransportException>(() => harness.RunAsync());
            await harness.RunAsync();

            var said = string.Join('\n', harness.Log.Lines) + exception;
            Assert.NotEmpty(said);
            Assert.DoesNotContain("canary", said, StringComparison.Ordinal);
            Assert.DoesNotContain("735000", said, StringComparison.Ordinal);
        }
    }
}
