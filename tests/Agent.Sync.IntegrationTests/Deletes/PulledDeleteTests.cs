using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Deletes;

public sealed class PulledDeleteTests(BackendFixture backends)
{
    [Theory]
    [InlineData(DeleteHandling.Remove, 160)]
    [InlineData(DeleteHandling.Mark, 200)]
    public async Task SyncAsync_RowsSoftDeletedAfterTheFirstSync_AreRemovedOrMarked(DeleteHandling handling, int left)
    {
        var user = await backends.Main.SignUpWithRowsAsync(200);
        await using var device = new Device(backends.Main, user, Datasets.ArtifactsWith(handling).Build());
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await backends.Main.SqlAsync(
            $"update public.artifacts set deleted_at = now() where owner_id = '{user.Id}' and substr(name, 10)::int <= 40");

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(handling == DeleteHandling.Remove ? 40 : 0, result.Deleted);
        Assert.Equal(handling == DeleteHandling.Remove ? 0 : 40, result.Applied);
        Assert.Equal(left, await device.CountAsync());
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(DeleteHandling.Remove, 90)]
    [InlineData(DeleteHandling.Mark, 100)]
    public async Task SyncAsync_RowsSoftDeletedBeforeTheFirstSync_AreLeftOutOrMarked(DeleteHandling handling, int left)
    {
        var user = await backends.Main.SignUpWithRowsAsync(100, new SeedOptions { DeletedEvery = 10 });
        await using var device = new Device(backends.Main, user, Datasets.ArtifactsWith(handling).Build());

        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(left, await device.CountAsync());
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_RowsHardDeletedWithoutTheKit_OnlyAFullResyncSeesIt()
    {
        var user = await backends.Main.SignUpWithRowsAsync(200);
        await using var device = new Device(backends.Main, user) { Configure = static options => options.SqlKit = SqlKitMode.Ignore };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await backends.Main.SqlAsync(
            $"delete from public.artifacts where owner_id = '{user.Id}' and substr(name, 10)::int <= 40");

        var delta = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(0, delta.Deleted);
        Assert.Equal(200, await device.CountAsync());

        var resync = await device.SyncAsync(new SyncRequest { FullResync = true }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.Completed, resync.Outcome);
        Assert.Equal(40, resync.Deleted);
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(100, SyncOutcome.Completed)]
    [InlineData(101, SyncOutcome.MassDeleteRefused)]
    [InlineData(200, SyncOutcome.MassDeleteRefused)]
    public async Task SyncAsync_ResyncWithoutMostRowsAndTheKit_RemovesAtMostTheGuardsShare(int gone, SyncOutcome outcome)
    {
        var user = await backends.Main.SignUpWithRowsAsync(200);
        await using var device = new Device(backends.Main, user) { Configure = static options => options.SqlKit = SqlKitMode.Ignore };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await backends.Main.SqlAsync(
            $"delete from public.artifacts where owner_id = '{user.Id}' and substr(name, 10)::int <= {gone}");

        var resync = await device.SyncAsync(new SyncRequest { FullResync = true }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(outcome, resync.Outcome);
        Assert.Equal(outcome == SyncOutcome.Completed ? 200 - gone : 200, await device.CountAsync());

        var allowed = await device.SyncAsync(
            new SyncRequest { FullResync = true, AllowMassDelete = true }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.Completed, allowed.Outcome);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_PolicyHidesEverything_RemovesNothingWithoutTheGuard()
    {
        var user = await backends.Main.SignUpAsync();
        await backends.Main.SqlAsync(
            $"""
            insert into public.members (user_id) values ('{user.Id}');
            insert into public.shared_notes (owner_id, note, updated_at)
            select '{user.Id}', 'note ' || i, now() - interval '1 day' from generate_series(1, 50) as i;
            """);
        await using var device = new Device(backends.Main, user, Datasets.SharedNotes);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await backends.Main.SqlAsync($"delete from public.members where user_id = '{user.Id}'");

        var delta = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var resync = await device.SyncAsync(new SyncRequest { FullResync = true }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.Completed, delta.Outcome);
        Assert.Equal(SyncOutcome.MassDeleteRefused, resync.Outcome);
        Assert.Equal(50, await device.CountAsync());

        await backends.Main.SqlAsync($"insert into public.members (user_id) values ('{user.Id}')");
        var again = await device.SyncAsync(new SyncRequest { FullResync = true }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.Completed, again.Outcome);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_Resync_OldRowsStayReadableUntilItIsComplete()
    {
        var user = await backends.Main.SignUpWithRowsAsync(300);
        await using var device = new Device(backends.Main, user)
        {
            Configure = static options => (options.PageSize, options.Commit.Interval) = (20, TimeSpan.Zero),
        };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await backends.Main.SqlAsync(
            $"delete from public.artifacts where owner_id = '{user.Id}' and substr(name, 10)::int <= 60");
        var counts = new List<long>();
        using var stop = new CancellationTokenSource();
        var isToldOfDeletes = false;
        device.AfterApply = async batch =>
        {
            // Where another transaction holds the horizon back, the deltas bring the deletes before the resync ends.
            isToldOfDeletes |= batch.AreTombstones;
            if (isToldOfDeletes)
            {
                return;
            }

            counts.Add(await device.CountAsync());
            if (counts.Count == 5)
            {
                await stop.CancelAsync();
            }
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => device.SyncAsync(new SyncRequest { FullResync = true }, cancellationToken: stop.Token));
        Assert.True((await device.StatusAsync()).IsResync);
        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.Equal(60, result.Deleted);
        Assert.True(counts.Count > 10);
        Assert.All(counts, static count => Assert.Equal(300, count));
        await device.AssertEqualToServerAsync();
    }
}
