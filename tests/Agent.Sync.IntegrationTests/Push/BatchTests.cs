using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>Requests are as large as they were asked to be, and what arrives does not depend on it.</summary>
public sealed class BatchTests(BackendFixture backends)
{
    private const int Rows = 1_200;

    [Theory]
    [InlineData(true, 1, 20)]
    [InlineData(false, 1, 20)]
    [InlineData(true, 100, Rows)]
    [InlineData(false, 100, Rows)]
    [InlineData(true, 500, Rows)]
    [InlineData(false, 500, Rows)]
    [InlineData(true, 1_000, Rows)]
    [InlineData(false, 1_000, Rows)]
    public async Task SyncAsync_BatchOfSoManyRows_SendsSoManyInEachRequest(bool kit, int batch, int rows)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = new Device(backend, await backend.SignUpAsync()) { Handler = wire, Configure = options => options.Push.BatchRows = batch };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var ids = await device.InsertArtifactsAsync(rows);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        int[] expected = [.. Enumerable.Repeat(batch, rows / batch), .. rows % batch == 0 ? Array.Empty<int>() : [rows % batch]];
        Assert.Equal(expected, wire.Writes.Select(static request => request.Changes).OrderDescending());
        Assert.All(wire.Writes, request => Assert.Equal(kit ? "rpc/push" : "artifacts", request.Path));
        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.Equal(rows, result.Pushed);
        Assert.Equal(0, result.Datasets[0].Pending);
        Assert.Equal(rows, ids.Count);
        await device.AssertEqualToServerAsync();
        Assert.Equal(rows, await device.CountAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_BatchOfSoManyBytes_NoRequestIsLarger(bool kit)
    {
        const int Bytes = 20_000;
        const int Content = 1_500;
        const int Count = 100;
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = new Device(backend, await backend.SignUpAsync()) { Handler = wire, Configure = static options => options.Push.BatchBytes = Bytes };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.InsertArtifactsAsync(Count, contentBytes: Content);

        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Count, wire.Writes.Sum(static request => request.Changes));
        Assert.All(wire.Writes, static request => Assert.InRange(request.Body.Length, Content, Bytes));

        // No smaller than they need be: together two neighbours would not have fitted, but for the last of each window.
        Assert.InRange(wire.Writes.Count, Count * Content / Bytes, (Count / 10) + 2);
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_RowLargerThanTheBound_GoesAlone(bool kit)
    {
        const int Bytes = 4_000;
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = new Device(backend, await backend.SignUpAsync()) { Handler = wire, Configure = static options => options.Push.BatchBytes = Bytes };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.InsertArtifactsAsync(3, contentBytes: 2 * Bytes);

        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal([1, 1, 1], wire.Writes.Select(static request => request.Changes));
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 30)]
    public async Task SyncAsync_InsertsUpdatesAndDeletes_TakeSoManyRequests(bool kit, int requests)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = new Device(backend, await backend.SignUpWithRowsAsync(30)) { Handler = wire };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        wire.Forget();
        await device.EditAsync($"update artifacts set name = name || ' changed', score = 0.1 where id in (select id from artifacts order by id limit 20)");
        await device.EditAsync($"delete from artifacts where id in (select id from artifacts order by id desc limit 9)");
        await device.InsertArtifactsAsync(10);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        // Without the kit an update or a delete is a request of its own; inserts share one.
        Assert.Equal(kit ? 2 : requests, wire.Writes.Count);
        Assert.Equal(39, result.Pushed);
        await device.AssertEqualToServerAsync();
        Assert.Equal(31, await device.CountAsync());
    }
}
