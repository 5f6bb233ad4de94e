using Agent.Sync.Runs;
using Agent.Sync.Stores;
using Agent.Sync.Tests.Fakes;
using CsCheck;
using NSubstitute;

namespace Agent.Sync.Tests.Pull;

public sealed class DatasetPullTests
{
    private static readonly TimeSpan Lag = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(3, 10, true)]
    [InlineData(3, 9, false)]
    [InlineData(100, 250, true)]
    [InlineData(1000, 250, false)]
    public async Task RunAsync_FirstSync_BringsEveryRowAndThenNothingNew(int pageSize, int rows, bool together)
    {
        var pull = new PullHarness(together);
        pull.Options.PageSize = pageSize;
        Fill(pull, rows);

        var first = await pull.RunAsync();
        var second = await pull.RunAsync();

        Assert.Equal(SyncOutcome.Completed, first.Outcome);
        Assert.Equal(rows, first.Applied);
        Assert.Equal(0, second.Applied);
        Assert.Equal(pull.ServerRows, pull.LocalRows);
        Assert.Equal(SyncPhase.Delta, (await pull.ReadStateAsync())!.Phase);
        Assert.Equal(SyncPhase.Completed, pull.Progress.Snapshots[^1].Phase);
    }

    [Fact]
    public async Task RunAsync_ServerCapBelowThePageSize_BringsEveryRow()
    {
        var pull = new PullHarness();
        pull.Options.PageSize = 100;
        pull.Server.Double.MaxRows = 7;
        Fill(pull, 50);

        await pull.RunAsync();

        Assert.Equal(pull.ServerRows, pull.LocalRows);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_FailingAtEachRequestInTurn_ResumesToTheSameTable(bool together)
    {
        for (var failing = 0; failing < 12; failing++)
        {
            var pull = new PullHarness(together);
            Fill(pull, 20);
            var at = failing;
            pull.Server.Fault = request => request == at ? Failures.Unreachable : null;

            if (await Record.ExceptionAsync(() => pull.RunAsync()) is { } exception)
            {
                Assert.Same(Failures.Unreachable, exception);
                await pull.RunAsync();
            }

            Assert.Equal(pull.ServerRows, pull.LocalRows);

            // The backfill resumes at its last commit: a request is repeated, not the table.
            Assert.InRange(pull.Server.Queries.Count, 0, 16);
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task RunAsync_FirstSyncShowsNoRow_SaysOnceThatAPolicyMayBeWhy(int rows, bool says)
    {
        var pull = new PullHarness();
        Fill(pull, rows);

        await pull.RunAsync();
        await pull.RunAsync();

        Assert.Equal(says ? 1 : 0, pull.Log.Lines.Count(static line => line.StartsWith("2013 ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task RunAsync_FailureAfterGoodPages_AppliesThemFirst()
    {
        var pull = new PullHarness();
        pull.Options.Commit.Interval = TimeSpan.FromMinutes(1);
        Fill(pull, 20);
        pull.Server.Fault = request => request == 3 ? Failures.Unreachable : null;

        await Assert.ThrowsAsync<SyncTransportException>(() => pull.RunAsync());

        Assert.Equal(9, pull.LocalRows.Count);
        Assert.Equal(["9"], (await pull.ReadStateAsync())!.Ranges[0].Position!);
    }

    [Fact]
    public async Task RunAsync_UserChangedMidRun_AppliesNothingOfThatCommit()
    {
        var pull = new PullHarness();
        pull.Options.Commit.Interval = TimeSpan.FromMinutes(1);
        Fill(pull, 20);
        pull.Server.Fault = request => request == 3 ? Failures.UserChanged : null;

        var exception = await Assert.ThrowsAsync<SyncAuthException>(() => pull.RunAsync());

        Assert.True(exception.IsOfAnotherUser);
        Assert.Empty(pull.LocalRows);
        Assert.Null(await pull.ReadStateAsync());
    }

    [Fact]
    public async Task RunAsync_OtherUsersCheckpoint_StopsBeforeAnyRequest()
    {
        var pull = new PullHarness();
        Fill(pull, 5);
        await pull.RunAsync();
        var requests = pull.Server.Queries.Count;
        pull.User = "other";

        var result = await pull.RunAsync();

        Assert.Equal(SyncOutcome.UserChanged, result.Outcome);
        Assert.Equal(requests, pull.Server.Queries.Count);
        Assert.Equal(5, pull.LocalRows.Count);
    }

    [Fact]
    public async Task RunAsync_AnswerWithoutDate_AppliesAndSavesNothing()
    {
        // A position without the mark that belongs to it would lose what changed before the resume.
        var pull = new PullHarness();
        Fill(pull, 20);
        pull.Server.Double.SendsDate = false;

        var exception = await Assert.ThrowsAsync<SyncProtocolException>(() => pull.RunAsync());

        Assert.Contains("Date", exception.Message, StringComparison.Ordinal);
        Assert.Null(await pull.ReadStateAsync());
        Assert.Empty(pull.LocalRows);
    }

    [Fact]
    public async Task RunAsync_DeltaAnswerWithoutDate_IsATypedErrorToo()
    {
        var pull = new PullHarness();
        Fill(pull, 4);
        await pull.RunAsync();
        var before = await pull.ReadStateAsync();
        pull.Server.Double.SendsDate = false;

        await Assert.ThrowsAsync<SyncProtocolException>(() => pull.RunAsync());

        Assert.Equal(before!.SafePosition, (await pull.ReadStateAsync())!.SafePosition);
    }

    [Fact]
    public async Task RunAsync_TimeOverDuringTheBackfill_StopsAtACommitAndResumes()
    {
        var pull = new PullHarness();
        Fill(pull, 20);
        using var budget = new CancellationTokenSource();
        pull.Server.BeforePage = request =>
        {
            if (request == 3)
            {
                budget.Cancel();
            }
        };

        pull.TimeOver = budget.Token;
        var first = await pull.RunAsync();
        var brought = pull.LocalRows.Count;
        pull.TimeOver = CancellationToken.None;
        var second = await pull.RunAsync();

        Assert.Equal(SyncOutcome.TimeBudgetReached, first.Outcome);
        Assert.InRange(brought, 1, 19);
        Assert.Equal(20 - brought, second.Applied);
        Assert.Equal(pull.ServerRows, pull.LocalRows);
    }

    [Fact]
    public async Task RunAsync_FailureWhenTimeIsOver_IsStillThrown()
    {
        var pull = new PullHarness();
        Fill(pull, 20);
        using var budget = new CancellationTokenSource();
        pull.Server.Fault = request =>
        {
            if (request != 3)
            {
                return null;
            }

            budget.Cancel();
            return Failures.UserChanged;
        };
        pull.Options.Commit.Interval = TimeSpan.FromMinutes(1);
        pull.TimeOver = budget.Token;

        await Assert.ThrowsAsync<SyncAuthException>(() => pull.RunAsync());
    }

    [Fact]
    public async Task RunAsync_CancelledAtAnyReport_ThrowsTheCallersCancellationAfterTheCommit()
    {
        for (var report = 1; report <= 9; report++)
        {
            var pull = new PullHarness();
            Fill(pull, 20);
            using var cancel = new CancellationTokenSource();
            var at = report;
            var completed = false;
            pull.Progress.OnReport = snapshot =>
            {
                completed |= snapshot.Phase == SyncPhase.Completed;
                if (snapshot.Sequence == at && !completed)
                {
                    cancel.Cancel();
                }
            };

            pull.Cancellation = cancel.Token;

            var exception = await Record.ExceptionAsync(() => pull.RunAsync());

            if (cancel.IsCancellationRequested)
            {
                Assert.Equal(cancel.Token, Assert.IsType<OperationCanceledException>(exception).CancellationToken);
                Assert.NotEmpty(pull.LocalRows);
            }

            pull.Progress.OnReport = null;
            pull.Cancellation = TestContext.Current.CancellationToken;
            await pull.RunAsync();
            Assert.Equal(pull.ServerRows, pull.LocalRows);
        }
    }

    [Fact]
    public async Task RunAsync_CommittedLateWithinTheLag_IsSeenByTheNextRun()
    {
        var pull = new PullHarness();
        Fill(pull, 5);
        await pull.RunAsync();
        pull.Server.Now += TimeSpan.FromSeconds(10);
        pull.Server.Write(100, "late", ago: Lag);

        var result = await pull.RunAsync();

        Assert.Equal(1, result.Applied);
        Assert.Equal(pull.ServerRows, pull.LocalRows);
    }

    [Fact]
    public async Task RunAsync_RowsWrittenDuringTheBackfill_ArriveWithItsDelta()
    {
        var pull = new PullHarness();
        Fill(pull, 20);
        pull.Server.BeforePage = request =>
        {
            pull.Server.Now += TimeSpan.FromMinutes(20);
            if (request == 4)
            {
                pull.Server.Write(1, "changed behind the backfill");
                pull.Server.Write(-7, "inserted behind the backfill");
            }
        };

        await pull.RunAsync();

        Assert.Equal(pull.ServerRows, pull.LocalRows);
    }

    [Fact]
    public async Task RunAsync_FutureDatedRows_ComeUpToOnePageAndSayWhetherThereIsMore()
    {
        var pull = new PullHarness();
        Fill(pull, 2);
        await pull.RunAsync();
        pull.Server.Now += TimeSpan.FromHours(1);
        for (var row = 0; row < 2; row++)
        {
            pull.Server.Write(50 + row, "future", ago: -TimeSpan.FromDays(row + 1));
        }

        var few = await pull.RunAsync();
        var settled = (await pull.ReadStateAsync())!.SafePosition!;
        pull.Server.Write(60, "future", ago: -TimeSpan.FromDays(9));
        pull.Server.Write(61, "future", ago: -TimeSpan.FromDays(9));
        var many = await pull.RunAsync();

        Assert.Equal(2, few.Applied);
        Assert.False(few.HasMore);
        Assert.True(many.HasMore);
        Assert.Equal(TimestampText.Format(pull.Server.Now - Lag), settled.CursorValue);
    }

    [Fact]
    public async Task RunAsync_FullResync_RemovesWhatTheServerNoLongerShows()
    {
        var pull = new PullHarness();
        Fill(pull, 10);
        await pull.RunAsync();
        pull.Server.Delete(3);
        pull.Server.Delete(4);

        var result = await pull.RunAsync(new SyncRequest { FullResync = true });

        Assert.Equal(2, result.Deleted);
        Assert.Equal(pull.ServerRows, pull.LocalRows);
        Assert.Null((await pull.ReadStateAsync())!.Generation);
    }

    [Fact]
    public async Task RunAsync_ResyncThatWouldRemoveMost_IsRefusedUntilAllowed()
    {
        var pull = new PullHarness();
        Fill(pull, 10);
        await pull.RunAsync();
        var everything = pull.LocalRows;
        pull.Server.Table.Clear();

        var refused = await pull.RunAsync(new SyncRequest { FullResync = true });
        var kept = pull.LocalRows;
        var again = await pull.RunAsync();
        var allowed = await pull.RunAsync(new SyncRequest { AllowMassDelete = true });

        Assert.Equal(SyncOutcome.MassDeleteRefused, refused.Outcome);
        Assert.Equal(everything, kept);
        Assert.Equal(SyncOutcome.MassDeleteRefused, again.Outcome);
        Assert.Equal(10, allowed.Deleted);
        Assert.Empty(pull.LocalRows);
    }

    [Fact]
    public async Task RunAsync_LeaseLostBeforeTheSwap_RemovesNothing()
    {
        var pull = new PullHarness(together: false);
        Fill(pull, 10);
        await pull.RunAsync();
        pull.Server.Delete(3);
        DatasetLease? other = null;
        pull.Progress.OnReport = snapshot =>
        {
            if (snapshot.Phase == SyncPhase.Delta)
            {
                pull.Time.Advance(TimeSpan.FromSeconds(31));
                other = Synchronously(DatasetLease.AcquireAsync(pull.Checkpoints, pull.Dataset, pull.Seams, TimeSpan.Zero, CancellationToken.None));
            }
        };

        var exception = await Assert.ThrowsAsync<SyncStoreException>(() => pull.RunAsync(new SyncRequest { FullResync = true }));

        Assert.NotNull(other);
        Assert.Equal(SyncErrorKind.LeaseLost, exception.Kind);
        Assert.Equal(10, pull.LocalRows.Count);
    }

    [Fact]
    public async Task RunAsync_ResyncInterrupted_KeepsOldRowsAndGoesOnThere()
    {
        var pull = new PullHarness();
        Fill(pull, 12);
        await pull.RunAsync();
        pull.Server.Delete(12);
        var failAt = pull.Server.Queries.Count + 2;
        pull.Server.Fault = request => request == failAt ? Failures.Unreachable : null;

        await Assert.ThrowsAsync<SyncTransportException>(() => pull.RunAsync(new SyncRequest { FullResync = true }));
        Assert.Equal(12, pull.LocalRows.Count);
        var resumed = await pull.RunAsync();

        Assert.Equal(1, resumed.Deleted);
        Assert.Equal(pull.ServerRows, pull.LocalRows);
    }

    [Fact]
    public async Task RunAsync_ColumnAdded_ReadsEverythingAgain()
    {
        var pull = new PullHarness();
        Fill(pull, 6);
        pull.Server.Now += TimeSpan.FromDays(1);
        await pull.RunAsync();
        pull.Dataset = Items.Define().Column("extra", ColumnType.Text).Build();
        pull.Server.Table.AddColumn("extra", ColumnType.Text);

        var result = await pull.RunAsync();

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.Equal(6, result.Applied);
        Assert.All(pull.LocalRows, row => Assert.Contains("extra", row, StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunAsync_StoreFailsInTheMiddle_LeaksNoPage()
    {
        var pull = new PullHarness(together: false);
        Fill(pull, 20);
        var local = Substitute.For<ILocalStore>();
        local.PrepareAsync(Arg.Any<Dataset>(), Arg.Any<CancellationToken>()).Returns(new LocalState(Guid.NewGuid(), HasRows: false));
        var calls = 0;
        local.ApplyAsync(Arg.Any<ApplyBatch>(), Arg.Any<CancellationToken>()).Returns(_ =>
            ++calls == 2 ? throw new SyncStoreException(SyncErrorKind.StoreFailed, "disk full") : default(ApplyResult));
        var transport = new ScriptedTransport((query, _, token) => pull.Server.GetPageAsync(query, token));
        pull.OtherLocal = local;
        pull.Transport = transport;

        await Assert.ThrowsAsync<SyncStoreException>(() => pull.RunAsync());

        Assert.NotEmpty(transport.Pages);
        Assert.All(transport.Pages, page => Assert.True(Items.IsDisposed(page)));
    }

    [Fact]
    public async Task RunAsync_AnyEnd_LeavesNoPageUndisposed()
    {
        for (var failing = 0; failing < 12; failing++)
        {
            var pull = new PullHarness();
            Fill(pull, 20);
            var at = failing;
            pull.Server.Fault = request => request == at ? Failures.Unreachable : null;
            var transport = new ScriptedTransport((query, _, token) => pull.Server.GetPageAsync(query, token));
            pull.Transport = transport;

            await Record.ExceptionAsync(() => pull.RunAsync());

            Assert.All(transport.Pages, page => Assert.True(Items.IsDisposed(page)));
        }
    }

    [Fact]
    public void RunAsync_AnyWritesFailuresAndPauses_ConvergesWithTheServer()
    {
        var genStep = Gen.Frequency(
            (5, Gen.Select(Gen.Long[1, 30], Gen.Int[0, 299]).Select((id, ago) => (Action<PullHarness>)(pull => pull.Server.Write(id, $"v{pull.Server.Queries.Count}", TimeSpan.FromSeconds(ago))))),
            (2, Gen.Int[1, 4000].Select(seconds => (Action<PullHarness>)(pull => pull.Server.Now += TimeSpan.FromSeconds(seconds)))),
            (3, Gen.Int[0, 9].Select(at => (Action<PullHarness>)(pull => RunFailing(pull, at)))));
        Gen.Select(genStep.Array[0, 40], Gen.Int[1, 5], Gen.Bool).Sample(
            (steps, pageSize, together) =>
            {
                var pull = new PullHarness(together);
                pull.Options.PageSize = pageSize;
                CursorPosition? settled = null;
                foreach (var step in steps)
                {
                    step(pull);

                    // A stamp is never older than the lag when its transaction commits; time has passed before the next one.
                    pull.Server.Now += TimeSpan.FromMilliseconds(1);
                    var state = pull.ReadStateAsync().GetAwaiter().GetResult();
                    Assert.False(IsBefore(state?.SafePosition, settled));
                    settled = state?.SafePosition ?? settled;
                }

                pull.Server.Fault = null;
                pull.RunAsync().GetAwaiter().GetResult();
                Assert.Equal(pull.ServerRows, pull.LocalRows);
                pull.RunAsync().GetAwaiter().GetResult();
                Assert.Equal(pull.ServerRows, pull.LocalRows);
            },
            iter: 200);
    }

    /// <summary>The stores in memory complete at once.</summary>
    private static T Synchronously<T>(Task<T> task)
    {
        Assert.True(task.IsCompleted);
        return task.GetAwaiter().GetResult();
    }

    private static void RunFailing(PullHarness pull, int at)
    {
        var from = pull.Server.Queries.Count;
        pull.Server.Fault = request => request == from + at ? Failures.Unreachable : null;
        try
        {
            pull.RunAsync().GetAwaiter().GetResult();
        }
        catch (SyncTransportException)
        {
            // Interrupted: the next run goes on.
        }

        pull.Server.Fault = null;
    }

    private static bool IsBefore(CursorPosition? position, CursorPosition? other) =>
        position is not null && other is not null
        && Items.Microseconds(position.CursorValue!) < Items.Microseconds(other.CursorValue!);

    private static void Fill(PullHarness pull, int rows)
    {
        for (var row = 1; row <= rows; row++)
        {
            pull.Server.Write(row, $"row {row}", TimeSpan.FromHours(1));
        }
    }
}
