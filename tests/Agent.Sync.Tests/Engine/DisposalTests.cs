using Agent.Sync.Sqlite;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Checkpoints;
using Agent.Sync.Tests.Configuration;
using Agent.Sync.Tests.Files;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Tests.Engine;

/// <summary>An engine may be disposed at any moment: its calls end, and the lease is free.</summary>
public sealed class DisposalTests : IDisposable
{
    private static readonly Dataset Notes = SampleDatasets.Of("notes").Build();

    private readonly TemporaryDirectory _directory = new();
    private readonly PostgrestDouble _server = new(new VirtualTimeProvider());
    private readonly HangingHandler _hanging = new();

    public DisposalTests()
    {
        var table = _server.AddTable(Notes);
        for (var row = 0; row < 30; row++)
        {
            table.Insert($$"""{"id":{{row}}}""");
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string FilePath => Path.Combine(_directory.Root, "app.db");

    public void Dispose()
    {
        _hanging.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dispose_RunUnderWay_CancelsAndAwaitsItAndFreesTheLease(bool isAsync)
    {
        var engine = Builder(_hanging).UseSqlite(FilePath).Build();
        var run = engine.SyncAsync(cancellationToken: Token);
        await _hanging.Reached;

        if (isAsync)
        {
            await engine.DisposeAsync();
        }
        else
        {
#pragma warning disable CA1849 // The synchronous way is what is tested.
            engine.Dispose();
#pragma warning restore CA1849
        }

        Assert.True(run.IsCompleted);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await CompletesAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dispose_ContainerDuringARun_CancelsAndAwaitsItAndFreesTheLease(bool isAsync)
    {
        var services = new ServiceCollection().AddSingleton<IConfigureOptions<SyncOptions>>(TestOptions.NoEnvironment);
        services.AddAgentSync(configure: Configure).UseSqlite(FilePath);
        var provider = services
            .AddHttpClient(AgentSyncServiceCollectionExtensions.HttpClientName).ConfigurePrimaryHttpMessageHandler(() => _hanging).Services
            .BuildServiceProvider();
        var run = provider.GetRequiredService<ISyncEngine>().SyncAsync(cancellationToken: Token);
        await _hanging.Reached;

        if (isAsync)
        {
            await provider.DisposeAsync();
        }
        else
        {
#pragma warning disable CA1849 // The synchronous way is what is tested.
            provider.Dispose();
#pragma warning restore CA1849
        }

        Assert.True(run.IsCompleted);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await CompletesAsync();
    }

    [Theory]
    [InlineData("Dispose")]
    [InlineData("DisposeAsync")]
    [InlineData("DisposeAsync, waited for")]
    public async Task Dispose_FromTheProgressCallback_EndsTheRunWithoutADeadlock(string way)
    {
        var engine = Builder(_server).UseSqlite(FilePath).Build();
        var disposing = Task.CompletedTask;
        var progress = new RecordingProgress
        {
            OnReport = _ =>
            {
                if (way == "Dispose")
                {
                    engine.Dispose();
                }
                else
                {
                    disposing = engine.DisposeAsync().AsTask();
                    if (way != "DisposeAsync")
                    {
#pragma warning disable xUnit1031 // That it does not block is what is tested.
                        disposing.Wait(Token);
#pragma warning restore xUnit1031
                    }
                }
            },
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.SyncAsync(progress, Token));

        await disposing;
        await engine.DisposeAsync();
        await CompletesAsync();
    }

    [Fact]
    public async Task DisposeAsync_AwaitedInTheTokenDelegate_EndsTheRunWithoutADeadlock()
    {
        SyncEngine? engine = null;
        engine = Builder(_server)
            .Configure(options => options.AccessTokenProvider = async (_, _) =>
            {
                await engine!.DisposeAsync();
                return new AccessToken(_server.CreateToken("user"));
            })
            .UseSqlite(FilePath)
            .Build();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.SyncAsync(cancellationToken: Token));

        await CompletesAsync();
    }

    [Fact]
    public async Task DisposeAsync_BetweenTwoPages_DoesNotWaitForTheReader()
    {
        var engine = Builder(_server).Configure(static options => options.PageSize = 10).UseSqlite(FilePath).Build();
        await using var pages = engine.ReadPagesAsync("notes", cancellationToken: Token).GetAsyncEnumerator(Token);
        Assert.True(await pages.MoveNextAsync());
        pages.Current.Dispose();

        await engine.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await pages.MoveNextAsync());
    }

    [Fact]
    public async Task DisposeAsync_TwiceAtOnce_BothWaitForTheEnd()
    {
        var engine = Builder(_hanging).UseSqlite(FilePath).Build();
        var run = engine.SyncAsync(cancellationToken: Token);
        await _hanging.Reached;

        await Task.WhenAll(engine.DisposeAsync().AsTask(), engine.DisposeAsync().AsTask());

        Assert.True(run.IsCompleted);
        Assert.Throws<ObjectDisposedException>(() => { _ = engine.SyncAsync(cancellationToken: Token); });
        Assert.Throws<ObjectDisposedException>(() => { _ = engine.ReadPagesAsync("notes", cancellationToken: Token); });
    }

    [Fact]
    public async Task SyncAsync_CancelledByTheCaller_NamesTheCallersToken()
    {
        await using var engine = Builder(_hanging).UseSqlite(FilePath).Build();
        using var cancelled = new CancellationTokenSource();
        var run = engine.SyncAsync(cancellationToken: cancelled.Token);
        await _hanging.Reached;

        await cancelled.CancelAsync();

        Assert.Equal(cancelled.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run)).CancellationToken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_StoreDisposedUnderIt_FailsTypedAndFreesTheLease(bool isInstead)
    {
        var store = new SqliteStore(FilePath);
        await using var engine = Builder(_server).Configure(static options => options.PageSize = 10).UseLocalStore(store).Build();
        var progress = new RecordingProgress { OnReport = _ => store.Dispose() };

        var exception = await Assert.ThrowsAsync<SyncStoreException>(() => engine.SyncAsync(progress, Token));

        Assert.Equal(SyncErrorKind.StoreFailed, exception.Kind);
        Assert.Contains("SqliteStore", exception.Message, StringComparison.Ordinal);
        Assert.Equal(SyncErrorKind.StoreFailed, (await Assert.ThrowsAsync<SyncStoreException>(() => isInstead
            ? engine.GetStatusAsync(Token)
            : engine.ResetAsync("notes", Token))).Kind);
        await CompletesAsync();
    }

    [Fact]
    public async Task SyncAsync_LeaseThatCouldNotBeGivenBack_IsFreeForTheSameProcess()
    {
        var plan = new FaultPlan(1);
        var checkpoints = new FaultyCheckpointStore(new InMemoryCheckpointStore(), plan);
        await using var engine = Builder(_server).UseLocalStore(new InMemoryLocalStore()).UseCheckpointStore(checkpoints).Build();
        plan.KillAt("release:before");
        await Assert.ThrowsAsync<SimulatedKillException>(() => engine.SyncAsync(cancellationToken: Token));
        plan.Restart();

        Assert.Equal(SyncOutcome.Completed, (await engine.SyncAsync(cancellationToken: Token)).Outcome);
    }

    private async Task CompletesAsync()
    {
        await using var engine = Builder(_server).UseSqlite(FilePath).Build();
        Assert.Equal(SyncOutcome.Completed, (await engine.SyncAsync(cancellationToken: Token)).Outcome);
    }

    private SyncEngineBuilder Builder(HttpMessageHandler handler) =>
        new SyncEngineBuilder(TestOptions.NoEnvironment).Configure(Configure).UseHttpMessageHandler(handler);

    private void Configure(SyncOptions options)
    {
        options.Url = PostgrestDouble.Url;
        options.ApiKey = PostgrestDouble.ApiKey;
        options.AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(_server.CreateToken("user")));
        options.Datasets.Add(Notes);
    }

    private sealed class HangingHandler : HttpMessageHandler
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            _reached.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw new InvalidOperationException("Nobody waits that long.");
        }
    }
}
