namespace Agent.Sync.Hosting.Tests;

public sealed class HostedSyncLoopTests : IDisposable
{
    private readonly LoopHarness _harness = new();
    private readonly DateTimeOffset _start;

    public HostedSyncLoopTests() => _start = _harness.Time.GetUtcNow();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void Run_AllIsWell_RunsAtStartAndAfterEachInterval()
    {
        _harness.Start();
        _harness.Advance(59.9);
        Assert.Equal([0.0], _harness.Engine.Runs);

        _harness.Advance(60.1);

        Assert.Equal([0, 60, 120], _harness.Engine.Runs);
        Assert.Equal((HostedSyncPhase.Waiting, 0), (_harness.Hosted.State.Phase, _harness.Hosted.State.Failures));
        Assert.Equal(_start.AddSeconds(180), _harness.Hosted.State.NextRunAt);
        Assert.Equal([7000], _harness.Events);
    }

    [Fact]
    public void Run_NotAtStart_WaitsForTheFirstInterval()
    {
        _harness.Options.RunsAtStart = false;
        _harness.Start();

        _harness.Advance(61);

        Assert.Equal([60.0], _harness.Engine.Runs);
    }

    [Theory]
    [InlineData(0, 54)]
    [InlineData(0.999999, 65.9999)]
    public void Run_Jitter_VariesTheIntervalByItsShare(double random, double second)
    {
        (_harness.Random, _harness.Options.Jitter) = (random, 0.1);
        _harness.Start();

        _harness.Advance(70);

        Assert.Equal(second, _harness.Engine.Runs[1], tolerance: 0.001);
    }

    [Fact]
    public void Run_RequestOfTheOptions_IsWhatTheEngineGets()
    {
        _harness.Options.Request = new SyncRequest { Direction = SyncDirection.Pull, MaxDuration = TimeSpan.FromMinutes(1) };

        _harness.Start();

        Assert.Same(_harness.Options.Request, Assert.Single(_harness.Engine.Requests));
    }

    [Fact]
    public void Run_ServerIsDown_BacksOffWithOneLineUntilItWorks()
    {
        _harness.Options.MaxBackoff = TimeSpan.FromSeconds(30);
        _harness.Engine.ThenFail(FakeEngine.Transient(), times: 3);
        _harness.Engine.ThenFail(FakeEngine.Transient(SyncErrorKind.ServerError), times: 2);
        _harness.Start();
        Assert.Equal(HostedSyncPhase.BackingOff, _harness.Hosted.State.Phase);

        _harness.Advance(64.9);

        // 5, 10, 20, and never more than 30 s.
        Assert.Equal([0, 5, 15, 35], _harness.Engine.Runs);
        Assert.Equal([7000, 7002], _harness.Events);
        Assert.Equal(4, _harness.Hosted.State.Failures);

        _harness.Advance(31);

        Assert.Equal([0, 5, 15, 35, 65, 95], _harness.Engine.Runs);
        Assert.Equal([7000, 7002, 7001], _harness.Events);
        Assert.Contains("5 failed runs", _harness.LastMessage, StringComparison.Ordinal);
        Assert.Equal((0, null), (_harness.Hosted.State.Failures, _harness.Hosted.State.LastFailure));
    }

    [Fact]
    public async Task Trigger_WhileBackingOff_RunsSoonAndGivesTheResult()
    {
        _harness.Engine.ThenFail(FakeEngine.Transient(), times: 8);
        _harness.Start();
        _harness.Advance(1000);
        var runs = _harness.Engine.Runs.Count;
        Assert.Equal(8, runs);

        var result = _harness.Hosted.TriggerAsync(Cancellation);
        await _harness.AdvanceUntil(() => result.IsCompleted);

        Assert.Equal(SyncOutcome.Completed, (await result).Outcome);
        Assert.Equal(runs + 1, _harness.Engine.Runs.Count);
    }

    [Fact]
    public async Task Trigger_ThreeTimesAtOnce_IsOneRun()
    {
        _harness.Start();
        _harness.Advance(10);

        Task<SyncResult>[] asked = [_harness.Hosted.TriggerAsync(Cancellation), _harness.Hosted.TriggerAsync(Cancellation), _harness.Hosted.TriggerAsync(Cancellation)];
        await _harness.AdvanceUntil(() => asked.All(static task => task.IsCompleted));

        Assert.Equal(2, _harness.Engine.Runs.Count);
    }

    [Fact]
    public async Task Trigger_RunFails_ThrowsItsFailure()
    {
        _harness.Start();
        _harness.Engine.ThenFail(FakeEngine.Transient());

        var asked = _harness.Hosted.TriggerAsync(Cancellation);
        await _harness.AdvanceUntil(() => asked.IsCompleted);

        Assert.Equal(SyncErrorKind.Unreachable, (await Assert.ThrowsAsync<SyncTransportException>(() => asked)).Kind);
    }

    [Fact]
    public void Edits_ThatWait_StartARunWithinThePollAndTheDelay()
    {
        _harness.Start();
        _harness.Advance(10.5);

        _harness.Engine.Status = _harness.Engine.Status with { Pending = 1 };
        _harness.Advance(5);

        Assert.Equal([0, 13.0], _harness.Engine.Runs);
        _harness.Advance(30);
        Assert.Equal(2, _harness.Engine.Runs.Count);
    }

    [Fact]
    public void Edits_ThatNoRunSends_DoNotStartRunAfterRun()
    {
        _harness.Engine.Effect = static status => status;
        _harness.Engine.Status = _harness.Engine.Status with { Pending = 3 };
        _harness.Start();

        _harness.Advance(50);
        Assert.Single(_harness.Engine.Runs);

        _harness.Engine.Status = _harness.Engine.Status with { Pending = 4 };
        _harness.Advance(5);
        Assert.Equal(2, _harness.Engine.Runs.Count);
    }

    [Fact]
    public void Edits_MadeDuringARun_StartTheNextOne()
    {
        _harness.Engine.Effect = static status => status with { Pending = 2 };
        _harness.Start();
        _harness.Engine.Effect = static status => status with { Pending = 0 };

        _harness.Advance(5);

        Assert.Equal([0, 1.0], _harness.Engine.Runs);
    }

    [Theory]
    [InlineData(false, SyncDirection.Both)]
    [InlineData(true, SyncDirection.Pull)]
    public void Edits_NotAskedFor_WaitForTheInterval(bool wakes, SyncDirection direction)
    {
        _harness.Options.WakesForEdits = wakes;
        _harness.Options.Request = new SyncRequest { Direction = direction };
        _harness.Start();

        _harness.Engine.Status = _harness.Engine.Status with { Pending = 1 };
        _harness.Advance(59);

        Assert.Single(_harness.Engine.Runs);
    }

    [Fact]
    public void Edits_WhileBackingOff_WaitForTheServer()
    {
        _harness.Options.Backoff = TimeSpan.FromSeconds(50);
        _harness.Engine.ThenFail(FakeEngine.Transient());
        _harness.Start();

        _harness.Engine.Status = _harness.Engine.Status with { Pending = 1 };
        _harness.Advance(49);

        Assert.Single(_harness.Engine.Runs);
    }

    [Theory]
    [InlineData(SyncOutcome.QuarantineFull, "RetryChangesAsync")]
    [InlineData(SyncOutcome.ResyncRequired, "FullResync")]
    [InlineData(SyncOutcome.UserChanged, "one store per user")]
    [InlineData(SyncOutcome.MassDeleteRefused, "AllowMassDelete")]
    public void Run_NeedsADecision_StopsAndSaysSo(SyncOutcome outcome, string advice)
    {
        _harness.Engine.Then(outcome);
        _harness.Start();

        _harness.Advance(10_000);

        Assert.Single(_harness.Engine.Runs);
        Assert.Equal((HostedSyncPhase.NeedsDecision, null), (_harness.Hosted.State.Phase, _harness.Hosted.State.NextRunAt));
        Assert.Equal([7000, 7003], _harness.Events);
        Assert.Contains(advice, _harness.LastMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void Decision_ThatShowsInTheStore_StartsTheNextRun()
    {
        _harness.Engine.Status = _harness.Engine.Status with { Quarantined = 7 };
        _harness.Engine.Then(SyncOutcome.QuarantineFull);
        _harness.Start();
        _harness.Advance(1000);

        _harness.Engine.Status = _harness.Engine.Status with { Quarantined = 0 };
        _harness.Advance(5);

        Assert.Equal(2, _harness.Engine.Runs.Count);
        Assert.Equal([7000, 7003, 7007], _harness.Events);
        Assert.Equal(HostedSyncPhase.Waiting, _harness.Hosted.State.Phase);
    }

    [Theory]
    [InlineData(SyncOutcome.CompletedWithQuarantine)]
    [InlineData(SyncOutcome.UnrecordedEditsHeld)]
    public void Run_SetSomethingAside_GoesOn(SyncOutcome outcome)
    {
        _harness.Engine.Then(outcome, outcome);
        _harness.Start();

        _harness.Advance(61);

        Assert.Equal(2, _harness.Engine.Runs.Count);
        Assert.Equal([7000], _harness.Events);
    }

    [Theory]
    [InlineData(SyncOutcome.TimeBudgetReached, false)]
    [InlineData(SyncOutcome.Completed, true)]
    public void Run_ThereIsMore_RunsAgainSoon(SyncOutcome outcome, bool hasMore)
    {
        _harness.Engine.Then(FakeEngine.Result(outcome, hasMore));
        _harness.Start();

        _harness.Advance(2);

        Assert.Equal([0, 1.0], _harness.Engine.Runs);
    }

    [Fact]
    public void Run_FailsForGood_IsTriedAgainSlowlyAndSaysItOnce()
    {
        _harness.Engine.ThenFail(new SyncAuthException(SyncErrorKind.PermissionDenied, "Grant select.", "notes", "42501"), times: 2);
        _harness.Start();

        _harness.Advance(1801);

        Assert.Equal([0, 900, 1800], _harness.Engine.Runs);
        Assert.Equal([7000, 7004, 7001], _harness.Events);
    }

    [Fact]
    public void Run_AppsCodeThrows_NamesTheTypeAndNotTheMessage()
    {
        _harness.Engine.ThenFail(new FormatException("canary"));
        _harness.Start();

        Assert.Equal((HostedSyncPhase.Failed, nameof(FormatException)), (_harness.Hosted.State.Phase, _harness.Hosted.State.LastAppFailure));
        Assert.Contains(nameof(FormatException), _harness.LastMessage, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", _harness.LastMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_DuringARun_CancelsAndAwaitsIt()
    {
        _harness.Engine.Hangs = true;
        _harness.Start();
        Assert.Equal(HostedSyncPhase.Running, _harness.Hosted.State.Phase);
        var asked = _harness.Hosted.TriggerAsync(Cancellation);

        _harness.Stop();
        await _harness.Loop;

        Assert.Equal(HostedSyncPhase.Stopped, _harness.Hosted.State.Phase);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.Equal([7000, 7008], _harness.Events);
        Assert.Throws<InvalidOperationException>(() => { _ = _harness.Hosted.TriggerAsync(Cancellation); });
    }

    [Fact]
    public async Task Stop_BetweenRuns_EndsTheLoop()
    {
        _harness.Start();

        _harness.Stop();
        await _harness.Loop;

        Assert.Equal([7000, 7008], _harness.Events);
    }

    [Fact]
    public void Run_StoreCannotBeRead_IsReportedByTheRun()
    {
        _harness.Engine.StatusFailure = new SyncStoreException(SyncErrorKind.StoreFailed, "Busy.", "notes", isTransient: true);
        _harness.Engine.ThenFail(_harness.Engine.StatusFailure);
        _harness.Start();

        Assert.Equal([7000, 7002], _harness.Events);
    }

    [Fact]
    public async Task SignedOut_AtTheStart_WaitsWithoutARunAndStartsWithTheSignIn()
    {
        using var session = _harness.CreateSession();
        _harness.Start(session);
        _harness.Advance(500);
        Assert.Empty(_harness.Engine.Runs);
        Assert.Equal(HostedSyncPhase.SignedOut, _harness.Hosted.State.Phase);

        await session.SignInAsync("ada@example.test", "secret", Cancellation);
        _harness.Advance(4);

        Assert.Single(_harness.Engine.Runs);
        Assert.Equal([7000, 7005, 7006], _harness.Events);
    }

    [Fact]
    public async Task SignOut_BetweenRuns_PausesUntilTheNextSignIn()
    {
        using var session = _harness.CreateSession();
        await session.SignInAsync("ada@example.test", "secret", Cancellation);
        _harness.Start(session);

        await session.SignOutAsync(Cancellation);
        _harness.Advance(500);
        Assert.Single(_harness.Engine.Runs);

        await session.SignInAsync("ada@example.test", "secret", Cancellation);
        _harness.Advance(4);
        Assert.Equal(2, _harness.Engine.Runs.Count);
        Assert.Equal([7000, 7005, 7006], _harness.Events);
    }

    [Fact]
    public async Task SignIn_OfAnotherUserWhereADecisionIsNeeded_RunsAgain()
    {
        using var session = _harness.CreateSession();
        await session.SignInAsync("ada@example.test", "secret", Cancellation);
        _harness.Engine.Then(SyncOutcome.UserChanged);
        _harness.Start(session);
        _harness.Advance(100);
        Assert.Single(_harness.Engine.Runs);

        await session.SignInAsync("bob@example.test", "secret", Cancellation);
        _harness.Advance(4);

        Assert.Equal(2, _harness.Engine.Runs.Count);
    }

    [Fact]
    public void SignedOut_TokenProviderOfTheApp_IsTriedAgainAfterEachInterval()
    {
        _harness.Engine.ThenFail(new SyncAuthException(SyncErrorKind.AuthRequired, "Sign in."), times: 2);
        _harness.Start();

        _harness.Advance(121);

        Assert.Equal([0, 60, 120], _harness.Engine.Runs);
        Assert.Equal([7000, 7005, 7006], _harness.Events);
    }
}
