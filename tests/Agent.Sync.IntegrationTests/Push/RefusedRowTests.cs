using System.Numerics;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>Rows that the server refuses keep nothing else from arriving, wherever in a batch they stand.</summary>
public sealed class RefusedRowTests(BackendFixture backends)
{
    private const int Batch = 32;

    /// <summary>The code of the check that <c>size</c> must not be negative.</summary>
    private const string CheckViolation = "23514";

    [Theory]
    [InlineData(true, new[] { 0 })]
    [InlineData(false, new[] { 0 })]
    [InlineData(true, new[] { 16 })]
    [InlineData(false, new[] { 16 })]
    [InlineData(true, new[] { 31 })]
    [InlineData(false, new[] { 31 })]
    [InlineData(true, new[] { 0, 31 })]
    [InlineData(false, new[] { 0, 31 })]
    public async Task SyncAsync_PoisonInABatch_IsQuarantinedAloneForItsReason(bool kit, int[] poison)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire, Batch);
        var ids = await device.InsertArtifactsAsync(Batch, index => poison.Contains(index) ? -1 : index);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.CompletedWithQuarantine, result.Outcome);
        Assert.Equal((Batch - poison.Length, poison.Length, poison.Length), (result.Pushed, result.Rejected, result.Quarantined));
        Assert.InRange(wire.Writes.Count, 1, kit ? 1 : 1 + (poison.Length * MostExtra(Batch)));
        await AssertQuarantineAsync(device, poison.Select(index => ids[index]));
        await AssertOnServerAsync(backend, device, Batch - poison.Length);
        Assert.Equal(Batch, await device.CountAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_NothingButPoison_AllIsQuarantinedAndTheNextBatchIsSent(bool kit)
    {
        const int Poison = 10;
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire, Poison);
        var ids = await device.InsertArtifactsAsync(2 * Poison, static index => index < Poison ? -1 : index);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((Poison, Poison), (result.Pushed, result.Rejected));
        await AssertQuarantineAsync(device, ids.Take(Poison));
        await AssertOnServerAsync(backend, device, Poison);
        wire.Forget();

        // What lies in quarantine is not sent again by itself.
        var again = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(SyncOutcome.CompletedWithQuarantine, again.Outcome);
        Assert.Equal((0, Poison), (again.Rejected, again.Quarantined));
        Assert.Empty(wire.Writes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_ThreePoisonRowsAmongTenThousand_CostFewRequests(bool kit)
    {
        const int Rows = 10_000;
        const int Rowsets = 20;
        int[] poison = [3, 5_000, 9_999];
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire, Rows / Rowsets);
        var ids = await device.InsertArtifactsAsync(Rows, index => poison.Contains(index) ? -1 : index);

        var result = await device.SyncAsync(new SyncRequest { PageSize = 1_000 }, cancellationToken: TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine($"kit {kit}: {wire.Writes.Count} requests with rows, {result.Duration.TotalSeconds:0.0} s");
        Assert.Equal((Rows - poison.Length, poison.Length), (result.Pushed, result.Rejected));
        Assert.InRange(wire.Writes.Count, Rowsets, kit ? Rowsets : Rowsets + (poison.Length * MostExtra(Rows / Rowsets)));
        await AssertQuarantineAsync(device, poison.Select(index => ids[index]));
        await AssertOnServerAsync(backend, device, Rows - poison.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_QuarantinedRowThatIsEditedOrRetried_GoesUp(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire, Batch);
        var ids = await device.InsertArtifactsAsync(3, static _ => -1);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await AssertQuarantineAsync(device, ids);

        // A new edit supersedes the rejected one, retry sends the same again, discard gives it up.
        await device.EditAsync($"update artifacts set size = 1 where id = {ids[0]}");
        await using (var open = device.Open())
        {
            var last = (await device.ChangesAsync(ChangeState.Quarantined))[^1];
            Assert.Equal(1, await open.Engine.DiscardChangesAsync("artifacts", [last.Id], TestContext.Current.CancellationToken));
            Assert.Equal(1, await open.Engine.RetryChangesAsync("artifacts", cancellationToken: TestContext.Current.CancellationToken));
        }

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((1, 1), (result.Pushed, result.Rejected));
        await AssertQuarantineAsync(device, [ids[1]]);
        await AssertOnServerAsync(backend, device, 1);
        Assert.Equal(2, await device.CountAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_MoreRejectedThanAllowed_StopsWithWhatArrivedKept(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire, batch: 10);
        device.Configure += static options => (options.Push.MaxQuarantined, options.Push.MaxRequests) = (4, 1);
        await device.InsertArtifactsAsync(30, static index => index is >= 10 and < 20 ? -1 : index);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.QuarantineFull, result.Outcome);
        Assert.Equal(10, result.Pushed);
        Assert.InRange(result.Quarantined, 5, 10);
        Assert.Equal(20 - result.Quarantined, result.Datasets[0].Pending);
        await AssertOnServerAsync(backend, device, 10);
    }

    private static int MostExtra(int rows) => (2 * (BitOperations.Log2((uint)rows - 1) + 1)) + 1;

    private static async Task<Device> NewDeviceAsync(Backend backend, Wire wire, int batch)
    {
        var device = new Device(backend, await backend.SignUpAsync())
        {
            Handler = wire,
            Configure = options => (options.Push.BatchRows, options.Push.MaxQuarantinedShare) = (batch, 1),
        };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        wire.Forget();
        return device;
    }

    private static async Task AssertQuarantineAsync(Device device, IEnumerable<Guid> expected)
    {
        var quarantined = await device.ChangesAsync(ChangeState.Quarantined);
        Assert.Equal(expected.Order(), quarantined.Keys().Order());
        Assert.All(quarantined, static change =>
        {
            Assert.Equal(CheckViolation, change.Code);
            Assert.NotNull(change.RejectedAt);
        });
    }

    private static async Task AssertOnServerAsync(Backend backend, Device device, int rows)
    {
        var counts = await backend.SqlAsync($"select count(*)::int as total, count(distinct name)::int as names from public.artifacts where owner_id = '{device.User.Id}'");
        Assert.Equal((rows, rows), (counts[0].GetProperty("total").GetInt32(), counts[0].GetProperty("names").GetInt32()));
    }
}
