using Agent.Sync.Stores;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

/// <summary>What a planned fault leaves of changes, and that a two-way run gets over it.</summary>
public sealed class FaultyStoreChangeTests
{
    private static readonly Dataset Items = SampleDatasets.Of("items", "title").Version("version").Build();

    private readonly InMemoryTransactionalStore _inner = new();
    private readonly VirtualTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultKind.TakeFailsBefore, ChangeState.Waiting)]
    [InlineData(FaultKind.TakeFailsAfter, ChangeState.InFlight)]
    public async Task TakeAsync_FailsByPlan_LeavesNothingOrAll(FaultKind kind, ChangeState expected)
    {
        var plan = new FaultPlan(1, 1, kind);
        var store = await EditedAsync(plan);

        await Assert.ThrowsAsync<SyncStoreException>(async () => await store.TakeAsync(Request(), Token));

        Assert.Equal(expected, Assert.Single(await store.ListChangesAsync(Items, null, 0, 10, Token)).State);
        Assert.Equal(1, plan.CountOf(kind));
    }

    [Theory]
    [InlineData(FaultKind.SettleFailsBefore, 1)]
    [InlineData(FaultKind.SettleFailsAfter, 0)]
    public async Task SettleAsync_FailsByPlan_LeavesNothingOrAll(FaultKind kind, int left)
    {
        var plan = new FaultPlan(1, 1, kind);
        var store = await EditedAsync(plan);
        using var batch = await store.TakeAsync(Request(), Token);
        var change = batch.Changes.Span[0];

        await Assert.ThrowsAsync<SyncStoreException>(async () => await store.SettleAsync(
            new SettlementBatch(Items, [new Settlement(change.Id, change.OperationId, SettlementKind.Acknowledge)], default, null), Token));

        Assert.Equal(left, (await store.ListChangesAsync(Items, null, 0, 10, Token)).Count);
        Assert.Equal(1, plan.CountOf(kind));
    }

    [Theory]
    [InlineData("take:before")]
    [InlineData("take:after")]
    [InlineData("settle:before")]
    [InlineData("settle:after")]
    public async Task SyncAsync_KilledWhilePushing_PushesOnceInTheEnd(string point)
    {
        var plan = new FaultPlan(1);
        plan.KillAt(point);
        using var server = new PostgrestDouble(_time);
        var table = server.AddTable(Items);
        await EditedAsync(plan);

        await Assert.ThrowsAsync<SimulatedKillException>(() => SyncAsync(server, plan));
        Assert.Equal(point, plan.KilledAt);
        plan.Restart();

        // Nobody released its lease.
        _time.Advance(TimeSpan.FromHours(1));
        await SyncAsync(server, plan);

        Assert.Contains("\"title\":\"mine\",\"updated_at\"", table.FindRow("1"), StringComparison.Ordinal);
        Assert.Contains("\"version\":1", table.FindRow("1"), StringComparison.Ordinal);
        Assert.Equal(default, await _inner.CountChangesAsync(Items, Token));
    }

    [Fact]
    public async Task Changes_OfAStoreThatRecordsNone_AreNone()
    {
        var store = new FaultyLocalStore(new RowsOnly(_inner), new FaultPlan(1, 1, FaultKind.TakeFailsBefore, FaultKind.SettleFailsBefore));
        await store.PrepareAsync(Items, Token);
        _inner.Insert(Items, """{"id":1,"title":"mine"}""");

        Assert.Equal(default, await store.CountChangesAsync(Items, Token));
        Assert.Empty(await store.ListChangesAsync(Items, null, 0, 10, Token));
        using var batch = await store.TakeAsync(Request(), Token);
        Assert.Equal(0, batch.Count);
        await store.SettleAsync(new SettlementBatch(Items, [], default, null), Token);
        var rows = await store.ReadRowsAsync(Items, 1, Token);
        Assert.Equal((0, 0), (rows.Local.Length, rows.Server.Length));
        Assert.Equal((0, 0), (await store.RetryChangesAsync(Items, null, Token), await store.DiscardChangesAsync(Items, null, Token)));
    }

    private static TakeRequest Request() => new(Items, ChangePart.Writes, 0, 10, 1000, false, null);

    private async Task<FaultyLocalStore> EditedAsync(FaultPlan plan)
    {
        await _inner.PrepareAsync(Items, Token);
        _inner.Insert(Items, """{"id":1,"title":"mine"}""");
        return new FaultyLocalStore(_inner, plan);
    }

    private async Task SyncAsync(PostgrestDouble server, FaultPlan plan)
    {
        await using var engine = new SyncEngineBuilder()
            .Configure(options =>
            {
                options.Url = PostgrestDouble.Url;
                options.ApiKey = PostgrestDouble.ApiKey;
                options.AccessTokenProvider = (_, _) => new(new AccessToken(server.CreateToken("user-1")));
                options.Datasets.Add(Items);
            })
            .UseLocalStore(new FaultyTransactionalStore(_inner, _inner, plan))
            .UseHttpMessageHandler(server)
            .UseTimeProvider(_time)
            .Build();
        await engine.SyncAsync(cancellationToken: Token);
    }

    private sealed class RowsOnly(ILocalStore inner) : ILocalStore
    {
        public ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken) => inner.PrepareAsync(dataset, cancellationToken);

        public ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken) => inner.ApplyAsync(batch, cancellationToken);

        public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken) => inner.SwapGenerationAsync(swap, cancellationToken);
    }
}
