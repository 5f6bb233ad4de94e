using Agent.Sync.Stores;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

public sealed class FaultPlanTests
{
    private static readonly Dataset Items = SampleDatasets.Of("items").Build();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AttachTo_SameSeed_GivesTheSameTrace()
    {
        var first = await TraceAsync(7);

        Assert.Equal(first, await TraceAsync(7));
        Assert.NotEqual(first, await TraceAsync(8));
    }

    [Fact]
    public async Task AttachTo_EveryPageFault_FiresAndIsCounted()
    {
        foreach (var kind in FaultPlan.AllPageFaults)
        {
            var plan = new FaultPlan(1, 1, kind);

            await AskAsync(plan, 3);

            Assert.True(plan.CountOf(kind) > 0, $"{kind} did not fire");
        }
    }

    [Fact]
    public async Task AttachTo_StoppedOrSpent_LetsTheModelAnswer()
    {
        var plan = new FaultPlan(1, 1, FaultKind.ConnectionRefused) { MaxFaults = 2 };
        Assert.Equal(["ConnectionError", "ConnectionError", "OK"], await AskAsync(plan, 3));

        plan = new FaultPlan(1, 1, FaultKind.ConnectionRefused) { IsStopped = true };

        Assert.Equal(["OK"], await AskAsync(plan, 1));
    }

    [Fact]
    public async Task FaultyLocalStore_FailsBeforeOrAfter_LeavesNothingOrAll()
    {
        foreach (var (kind, rows) in new[] { (FaultKind.ApplyFailsBefore, 0), (FaultKind.ApplyFailsAfter, 1) })
        {
            var inner = new InMemoryLocalStore();
            var plan = new FaultPlan(1, 1, kind);
            var store = new FaultyLocalStore(inner, plan);
            await store.PrepareAsync(Items, Token);

            await Assert.ThrowsAsync<SyncStoreException>(async () => await store.ApplyAsync(OneRow(), Token));

            Assert.Equal(rows, inner.GetRows("items").Count);
            Assert.Equal(1, plan.CountOf(kind));
        }
    }

    [Fact]
    public async Task KillAt_APoint_StopsEverythingUntilRestart()
    {
        var inner = new InMemoryTransactionalStore();
        var plan = new FaultPlan(1);
        var store = new FaultyTransactionalStore(inner, inner, plan);
        await store.PrepareAsync(Items, Token);
        plan.KillAt("apply:after", 2);

        await store.ApplyAsync(OneRow(), Token);
        await Assert.ThrowsAsync<SimulatedKillException>(async () => await store.ApplyAsync(OneRow(), Token));
        await Assert.ThrowsAsync<SimulatedKillException>(async () => await store.ReleaseLeaseAsync(CheckpointId.For(Items), new Fence(1), Token));
        Assert.Equal("apply:after", plan.KilledAt);
        plan.Restart();

        Assert.Null(await store.ReadAsync(CheckpointId.For(Items), Token));
        Assert.Equal(2, plan.ReachedPoints["apply:after"]);
        Assert.Equal(1, plan.CountOf(FaultKind.Kill));
    }

    private static ApplyBatch OneRow() =>
        new(Items, [Page.Parse(Items, """[{"id":1,"updated_at":"2026-01-01T00:00:00+00:00"}]"""u8)], null, null);

    private static async Task<string> TraceAsync(ulong seed) =>
        string.Join(' ', await AskAsync(new FaultPlan(seed, 0.5, [.. FaultPlan.AllPageFaults]), 60));

    private static async Task<List<string>> AskAsync(FaultPlan plan, int count)
    {
        var time = new VirtualTimeProvider();
        using var server = new PostgrestDouble(time);
        server.AddTable(Items).IsReadableByAnyone = true;
        plan.AttachTo(server);
        using var client = server.CreateClient();
        client.DefaultRequestHeaders.Add("apikey", PostgrestDouble.ApiKey);
        List<string> trace = [];
        for (var round = 0; round < count; round++)
        {
            try
            {
                using var response = await client.GetAsync("/rest/v1/items", HttpCompletionOption.ResponseHeadersRead, Token);
                trace.Add(response.StatusCode.ToString());
            }
            catch (HttpRequestException exception)
            {
                trace.Add(exception.HttpRequestError.ToString());
            }
        }

        return trace;
    }
}
