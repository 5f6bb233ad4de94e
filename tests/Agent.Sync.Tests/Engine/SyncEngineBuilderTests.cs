using Agent.Sync.Configuration;
using Agent.Sync.Sqlite;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Checkpoints;
using Agent.Sync.Tests.Configuration;
using Agent.Sync.Tests.Files;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace Agent.Sync.Tests.Engine;

public sealed class SyncEngineBuilderTests
{
    private readonly SyncEngineBuilder _builder = new SyncEngineBuilder(TestOptions.NoEnvironment).Configure(TestOptions.Fill);

    [Fact]
    public void Build_WithoutLocalStore_SaysHowToGiveOne()
    {
        var exception = Assert.Throws<InvalidOperationException>(_builder.Build);

        Assert.Contains("UseLocalStore", exception.Message, StringComparison.Ordinal);
        Assert.Contains("UseSqlite", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_StoreWithoutCheckpointsAlone_NamesTheStoresToAdd()
    {
        var exception = Assert.Throws<InvalidOperationException>(_builder.UseLocalStore(new InMemoryLocalStore()).Build);

        Assert.Contains(nameof(FileCheckpointStore), exception.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(InMemoryCheckpointStore), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_SecondCheckpointStore_IsRefused()
    {
        _builder.UseLocalStore(new InMemoryTransactionalStore()).UseCheckpointStore(new InMemoryCheckpointStore());

        var exception = Assert.Throws<InvalidOperationException>(_builder.Build);

        Assert.Contains("Remove the second checkpoint store, InMemoryCheckpointStore", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_SameStoreForBoth_IsAccepted()
    {
        InMemoryTransactionalStore store = new();

        using var engine = _builder.UseLocalStore(store).UseCheckpointStore(store).Build();

        Assert.NotNull(engine);
    }

    [Fact]
    public async Task Build_RowsAndCheckpointsApart_AsksTheCheckpointStore()
    {
        await using var engine = _builder.UseLocalStore(new InMemoryLocalStore()).UseCheckpointStore(new InMemoryCheckpointStore()).Build();

        var status = await engine.GetStatusAsync(TestContext.Current.CancellationToken);

        Assert.Equal(SyncPhase.NotStarted, Assert.Single(status.Datasets).Phase);
    }

    [Fact]
    public void Build_WrongOptions_ThrowsWhatTheContainerThrows()
    {
        _builder.UseLocalStore(new InMemoryTransactionalStore()).Configure(static options => options.PageSize = 0);

        var exception = Assert.Throws<OptionsValidationException>(_builder.Build);

        Assert.Equal(typeof(SyncOptions), exception.OptionsType);
        Assert.StartsWith("SyncOptions.PageSize is 0", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_EnvironmentAndCode_CodeWins()
    {
        List<int> seen = [];
        SyncEngineBuilder builder = new(new EnvironmentConfiguration(static name => name == "AGENT_SYNC_PAGE_SIZE" ? "250" : null));

        using var engine = builder
            .Configure(TestOptions.Fill)
            .Configure(options => seen.Add(options.PageSize))
            .Configure(static options => options.PageSize = 50)
            .Configure(options => seen.Add(options.PageSize))
            .UseLocalStore(new InMemoryTransactionalStore())
            .Build();

        Assert.Equal([250, 50], seen);
    }

    [Fact]
    public void Build_HandlerThatFollowsRedirects_IsRefused()
    {
        using HttpClientHandler handler = new();
        _builder.UseLocalStore(new InMemoryTransactionalStore()).UseHttpMessageHandler(handler);

        Assert.Contains("AllowAutoRedirect", Assert.Throws<InvalidOperationException>(_builder.Build).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dispose_StoreHandedOver_StaysOpen()
    {
        var store = Substitute.For<ILocalStore, ICheckpointStore, IDisposable>();

        _builder.UseLocalStore(store).Build().Dispose();

        ((IDisposable)store).DidNotReceive().Dispose();
    }

    [Fact]
    public async Task DisposeAsync_StoreMadeByTheBuilder_IsClosedOnce()
    {
        var store = Substitute.For<ILocalStore, ICheckpointStore, IAsyncDisposable>();
        var engine = _builder.UseLocalStore(() => store).Build();

        await engine.DisposeAsync();
        await engine.DisposeAsync();

        await ((IAsyncDisposable)store).Received(1).DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => engine.GetStatusAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task UseSqlite_PathOfAFile_KeepsTheStatusThere()
    {
        using TemporaryDirectory directory = new();
        await using var engine = _builder.UseSqlite(Path.Combine(directory.Root, "local.db")).Build();

        var status = await engine.GetStatusAsync(TestContext.Current.CancellationToken);

        Assert.Equal("artifacts", Assert.Single(status.Datasets).Dataset);
    }

    [Fact]
    public async Task BuildOffline_WithoutProject_AnswersFromTheStores()
    {
        await using var engine = new SyncEngineBuilder(TestOptions.NoEnvironment)
            .UseLocalStore(new InMemoryTransactionalStore())
            .AddDataset(TestOptions.Dataset("items"))
            .BuildOffline();
        var token = TestContext.Current.CancellationToken;

        Assert.Equal("items", Assert.Single((await engine.GetStatusAsync(token)).Datasets).Dataset);
        Assert.Equal(0, await engine.RetryChangesAsync("items", cancellationToken: token));
        Assert.Equal(0, await engine.DiscardChangesAsync("items", cancellationToken: token));
        await engine.ResetAsync("items", token);
        Assert.Empty(await engine.ReadChangesAsync("items", cancellationToken: token).ToListAsync(token));
    }

    [Fact]
    public async Task BuildOffline_AskedToSync_SaysWhatIsMissing()
    {
        await using var engine = new SyncEngineBuilder(TestOptions.NoEnvironment)
            .UseLocalStore(new InMemoryTransactionalStore())
            .AddDataset(TestOptions.Dataset("items"))
            .BuildOffline();
        var token = TestContext.Current.CancellationToken;

        var run = await Assert.ThrowsAsync<InvalidOperationException>(() => engine.SyncAsync(cancellationToken: token));
        var read = await Assert.ThrowsAsync<InvalidOperationException>(async () => await engine.ReadPagesAsync("items", cancellationToken: token).ToListAsync(token));

        Assert.All(
            (string[])["BuildOffline", "UseSession(session)", "Url, ApiKey and AccessTokenProvider"],
            word => Assert.Contains(word, run.Message, StringComparison.Ordinal));
        Assert.Equal(run.Message, read.Message);
    }

    [Fact]
    public void BuildOffline_OtherOptionsWrong_Throws()
    {
        _builder.UseLocalStore(new InMemoryTransactionalStore()).Configure(static options => options.PageSize = 0);

        Assert.StartsWith("SyncOptions.PageSize is 0", Assert.Throws<OptionsValidationException>(_builder.BuildOffline).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UseSession_WithoutASessionOrContainer_IsRefused() => Assert.Throws<ArgumentNullException>(() => _builder.UseSession());

    [Fact]
    public void AddDataset_OfABuilderThatLacksSomething_Throws() => Assert.Contains(
        "has no key",
        Assert.Throws<InvalidOperationException>(() => _builder.AddDataset(Dataset.Define("items").UpdatedAt("updated_at"))).Message,
        StringComparison.Ordinal);
}
