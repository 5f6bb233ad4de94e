using Agent.Sync.Engine;
using Agent.Sync.Progress;
using Agent.Sync.Resilience;
using Agent.Sync.Seams;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agent.Sync.Tests.Engine;

/// <summary>What does not return: a run says what it waits for, and ends.</summary>
public sealed class StallTests : IDisposable
{
    private static readonly Dataset Things = Dataset.Define("things")
        .Key("id", ColumnType.Integer).Column("name", ColumnType.Text).UpdatedAt("updated_at").Build();

    private readonly TwoWayHarness _harness = new(kit: false, Things);

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task SyncAsync_ResolverThatNeverReturns_FailsNamingItAndTheNextRunGoesOn()
    {
        var asked = new TaskCompletionSource();
        var answers = new Queue<Task<ConflictDecision>>([new TaskCompletionSource<ConflictDecision>().Task, Task.FromResult(ConflictDecision.ServerWins)]);
        _harness.Options.Push.ConflictPolicy = ConflictPolicy.Resolver;
        _harness.Options.Push.ConflictResolver = (_, _) =>
        {
            asked.TrySetResult();
            return new ValueTask<ConflictDecision>(answers.Dequeue());
        };
        await ConflictAsync();
        var started = _harness.Time.GetUtcNow();

        var run = _harness.SyncAsync();
        await asked.Task;
        var waiting = Assert.Single((await _harness.Engine.GetStatusAsync(TestContext.Current.CancellationToken)).Runs);
        var exception = await Assert.ThrowsAsync<SyncStalledException>(() => AdvanceUntilEndedAsync(run));
        var next = await FirstToEndAsync();

        Assert.Equal(new RunStatus(SyncWait.Resolver, "things", started), waiting);
        Assert.Equal((SyncErrorKind.Stalled, true, "things", SyncWait.Resolver), (exception.Kind, exception.IsTransient, exception.Dataset, exception.Status.WaitsFor));
        Assert.Contains("conflict resolver", exception.Message, StringComparison.Ordinal);
        Assert.Equal((SyncOutcome.Completed, 1L), (next.Outcome, next.Conflicts));
    }

    [Fact]
    public async Task SyncAsync_CallbackThatBlocks_FailsNamingItAndKeepsItsDatasetsUntilItReturns()
    {
        using var release = new ManualResetEventSlim();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _harness.Work = WorkScheduler.ThreadPool;
        _harness.Tables[0].Insert("""{"id":1,"name":"n"}""");
        _harness.Progress.OnReport = _ =>
        {
            entered.TrySetResult();
            release.Wait(TestContext.Current.CancellationToken);
        };

        var run = _harness.SyncAsync();
        await entered.Task;
        var waiting = Assert.Single((await _harness.Engine.GetStatusAsync(TestContext.Current.CancellationToken)).Runs);
        var exception = await Assert.ThrowsAsync<SyncStalledException>(() => AdvanceUntilEndedAsync(run));
        var second = await Assert.ThrowsAsync<SyncStalledException>(() => _harness.SyncAsync());
        _harness.Progress.OnReport = null;
        release.Set();
        while ((await _harness.Engine.GetStatusAsync(TestContext.Current.CancellationToken)).Runs.Count > 0)
        {
            await Task.Yield();
        }

        Assert.Equal(SyncWait.ProgressCallback, waiting.WaitsFor);
        Assert.Contains("progress callback", exception.Message, StringComparison.Ordinal);
        Assert.Same(exception, second);
        var third = await FirstToEndAsync();
        Assert.Equal(SyncOutcome.Completed, third.Outcome);
        Assert.Single(_harness.Store.GetRows("things"));
    }

    [Fact]
    public async Task SyncAsync_StoreThatNeverReturns_FailsNamingIt()
    {
        _harness.Tables[0].Insert("""{"id":1,"name":"n"}""");
        var local = new SilentStore();
        using var http = new HttpMessageInvoker(_harness.Server, disposeHandler: false);
        var seams = new EngineSeams { Time = _harness.Time, WorkingSet = static () => 1 };
        var engine = new SyncEngine(
            _harness.Options, local, new InMemoryCheckpointStore(), http, new UserRateLimiter(_harness.Options.RateLimit, _harness.Time), NullLoggerFactory.Instance, meters: null, seams);

        var run = engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await local.Entered.Task;
        var exception = await Assert.ThrowsAsync<SyncStalledException>(() => AdvanceUntilEndedAsync(run));
        local.Silence.SetResult();
        await engine.DisposeAsync();

        Assert.Equal(SyncWait.Store, exception.Status.WaitsFor);
        Assert.Contains("local store", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SyncAsync_TokenProviderThatNeverReturns_SaysSoAndEndsWithTheRequestsTime()
    {
        var asked = new TaskCompletionSource();
        _harness.Options.AccessTokenProvider = (_, _) =>
        {
            asked.TrySetResult();
            return new ValueTask<AccessToken?>(new TaskCompletionSource<AccessToken?>().Task);
        };

        var run = _harness.SyncAsync();
        await asked.Task;
        var waiting = Assert.Single((await _harness.Engine.GetStatusAsync(TestContext.Current.CancellationToken)).Runs);
        var started = _harness.Time.GetUtcNow();
        var exception = await Assert.ThrowsAnyAsync<SyncException>(() => AdvanceUntilEndedAsync(run));

        Assert.Equal(SyncWait.Token, waiting.WaitsFor);
        Assert.Equal(SyncErrorKind.Timeout, exception.Kind);
        Assert.InRange(_harness.Time.GetUtcNow() - started, _harness.Options.Retry.RequestTimeout, _harness.Options.Retry.RequestTimeout + TimeSpan.FromMinutes(1));
    }

    /// <summary>A connection that is open and silent: the attempts' time limits end it, and no stall is claimed before.</summary>
    [Fact]
    public async Task SyncAsync_ServerThatNeverAnswers_SaysSoAndEndsWithTheRequestsTime()
    {
        _harness.Server.Latency = TimeSpan.FromDays(1);
        _harness.Options.StallTimeout = TimeSpan.FromSeconds(20);

        var run = _harness.SyncAsync();
        HashSet<SyncWait> seen = [];
        var exception = await Assert.ThrowsAsync<SyncTransportException>(() => AdvanceUntilEndedAsync(run, status => seen.UnionWith(status.Runs.Select(static one => one.WaitsFor))));

        Assert.Equal(SyncErrorKind.Timeout, exception.Kind);
        Assert.Contains(SyncWait.Server, seen);
        Assert.Contains(SyncWait.Retry, seen);
    }

    [Fact]
    public async Task SyncAsync_LeaseOfAnother_SaysThatItWaitsForItAndIsNoStall()
    {
        _harness.Options.StallTimeout = TimeSpan.FromSeconds(20);
        var owner = new LeaseOwner("elsewhere", 1, 1, Guid.NewGuid());
        var lease = new LeaseRequest(CheckpointId.For(Things), owner, _harness.Time.GetUtcNow(), TimeSpan.FromHours(1), static _ => false);
        await _harness.Store.AcquireLeaseAsync(lease, TestContext.Current.CancellationToken);

        var run = _harness.Engine.SyncAsync(new SyncRequest { LeaseWait = TimeSpan.FromSeconds(28) }, cancellationToken: TestContext.Current.CancellationToken);
        HashSet<SyncWait> seen = [];
        var exception = await Assert.ThrowsAsync<SyncStoreException>(() => AdvanceUntilEndedAsync(run, status => seen.UnionWith(status.Runs.Select(static one => one.WaitsFor))));

        Assert.Equal(SyncErrorKind.LeaseHeld, exception.Kind);
        Assert.Contains(SyncWait.Lease, seen);
    }

    [Fact]
    public void Status_OfSeveralWaits_NamesTheAppsCodeFirstThenTheOldestThenTheStore()
    {
        var watch = new RunWatch(_harness.Time);
        var started = _harness.Time.GetUtcNow();
        using (watch.Enter(SyncWait.Server, "a"))
        {
            _harness.Time.Advance(TimeSpan.FromSeconds(1));
            using var token = watch.Enter(SyncWait.Token, "b");
            Assert.Equal(new RunStatus(SyncWait.Server, "a", started), watch.Status);
            using var resolver = watch.Enter(SyncWait.Resolver, "c");
            Assert.Equal(new RunStatus(SyncWait.Resolver, "c", started.AddSeconds(1)), watch.Status);
            Assert.True(watch.HasOwnLimit);
        }

        Assert.Equal((SyncWait.Store, false, 3L), (watch.Status.WaitsFor, watch.HasOwnLimit, watch.Steps));
    }

    private async Task ConflictAsync()
    {
        _harness.Tables[0].Insert("""{"id":1,"name":"first"}""");
        await _harness.SyncAsync(SyncDirection.Pull);
        _harness.Time.Advance(TimeSpan.FromMinutes(1));
        _harness.Store.Update(Things, """{"name":"mine"}""", "1");
        _harness.Tables[0].Update("""{"name":"theirs"}""", "1");
    }

    /// <summary>Moves the clock until a run has ended.</summary>
    private async Task<SyncResult> AdvanceUntilEndedAsync(Task<SyncResult> run, Action<SyncStatus>? look = null)
    {
        while (!run.IsCompleted)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            look?.Invoke(await _harness.Engine.GetStatusAsync(TestContext.Current.CancellationToken));
            _harness.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        return await run;
    }

    /// <summary>Runs as soon as the run that was given up has ended, on another thread.</summary>
    private async Task<SyncResult> FirstToEndAsync()
    {
        while (true)
        {
            try
            {
                return await _harness.SyncAsync();
            }
            catch (SyncStalledException)
            {
                await Task.Yield();
            }
        }
    }

    private sealed class SilentStore : ILocalStore
    {
        private readonly InMemoryLocalStore _inner = new();

        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Silence { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken) => _inner.PrepareAsync(dataset, cancellationToken);

        public async ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken)
        {
            Entered.TrySetResult();
            await Silence.Task;
            return await _inner.ApplyAsync(batch, cancellationToken);
        }

        public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken) => _inner.SwapGenerationAsync(swap, cancellationToken);
    }
}
