using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Tests.Bookkeeping;

/// <summary>What the conformance suite does not ask: rows and checkpoint together, and two stores on one file.</summary>
public sealed class CheckpointTests : StoreTest
{
    private static readonly CheckpointId Slot = CheckpointId.For(Notes);

    [Fact]
    public async Task Apply_WithCheckpoint_KeepsBoth()
    {
        await Store.PrepareAsync(Notes, Token);
        var fence = await LeaseAsync(Notes);

        await ApplyWithAsync(fence, 0, [1, 2]);
        await ApplyWithAsync(fence, 1, [3]);

        var stored = await Store.ReadAsync(Slot, Token);
        Assert.Equal(2, stored?.Revision);
        Assert.Equal(new byte[] { 3 }, stored?.Content.ToArray());
    }

    [Fact]
    public async Task Apply_StaleFence_IsLeaseLostAndKeepsNoRow()
    {
        await Store.PrepareAsync(Notes, Token);
        var stale = await LeaseAsync(Notes);
        await LeaseAsync(Notes);

        var exception = await Assert.ThrowsAsync<SyncStoreException>(() => ApplyWithAsync(stale, 0, [1]));

        Assert.Equal(SyncErrorKind.LeaseLost, exception.Kind);
        Assert.Equal(0, CountNotes());
    }

    [Fact]
    public async Task Apply_OtherRevision_IsAConflictAndKeepsNoRow()
    {
        await Store.PrepareAsync(Notes, Token);
        var fence = await LeaseAsync(Notes);

        var exception = await Assert.ThrowsAsync<SyncStoreException>(() => ApplyWithAsync(fence, 1, [1]));

        Assert.Equal(SyncErrorKind.CheckpointConflict, exception.Kind);
        Assert.Equal(0, CountNotes());
    }

    [Fact]
    public async Task Apply_NoPages_MovesTheCheckpointAlone()
    {
        await Store.PrepareAsync(Notes, Token);
        var fence = await LeaseAsync(Notes);

        var result = await Store.ApplyAsync(new ApplyBatch(Notes, [], new CheckpointWrite(Slot, new byte[] { 9 }, 0, fence), null), Token);

        Assert.Equal(default, result);
        Assert.Equal(1, (await Store.ReadAsync(Slot, Token))?.Revision);
    }

    [Fact]
    public async Task Clear_ManyTimes_KeepsTheLastFewAside()
    {
        var fence = await LeaseAsync(Notes);
        for (byte i = 0; i < 7; i++)
        {
            await Store.WriteAsync(new CheckpointWrite(Slot, new[] { i }, 0, fence), Token);
            await Store.ClearAsync(Slot, fence, Token);
        }

        Assert.Null(await Store.ReadAsync(Slot, Token));
        Assert.Equal("02,03,04,05,06", Scalar("SELECT group_concat(hex(content)) FROM agent_sync_checkpoint_aside"));
    }

    [Fact]
    public async Task Read_RowChangedByHand_IsRefused()
    {
        var fence = await LeaseAsync(Notes);
        await Store.WriteAsync(new CheckpointWrite(Slot, new byte[] { 1 }, 0, fence), Token);
        Execute("UPDATE agent_sync_checkpoint SET content = 'text'");

        var exception = await Assert.ThrowsAsync<SyncStoreException>(async () => await Store.ReadAsync(Slot, Token));

        Assert.Equal(SyncErrorKind.CheckpointRefused, exception.Kind);
    }

    [Fact]
    public async Task GetOrCreateKey_FromTwoStoresOnOneFile_IsTheSame()
    {
        using var other = OpenStore();

        var key = await Store.GetOrCreateKeyAsync(Token);

        Assert.Equal(32, key.Length);
        Assert.Equal(key.ToArray(), (await other.GetOrCreateKeyAsync(Token)).ToArray());
    }

    [Fact]
    public async Task AcquireLease_FromTwoStoresOnOneFile_GoesToOne()
    {
        using var other = OpenStore();
        var first = Request(instance: 1);

        var granted = await Store.AcquireLeaseAsync(first, Token);
        var refused = await other.AcquireLeaseAsync(Request(instance: 2), Token);

        Assert.Equal(new Fence(1), granted.Fence);
        Assert.Equal((null, first.Owner, granted.ExpiresAt), (refused.Fence, refused.Holder, refused.ExpiresAt));
    }

    [Fact]
    public async Task AcquireLease_AgainAndAfterRelease_NeverReusesAFence()
    {
        var first = await Store.AcquireLeaseAsync(Request(1), Token);
        var again = await Store.AcquireLeaseAsync(Request(1, seconds: 100), Token);
        await Store.ReleaseLeaseAsync(Slot, first.Fence!.Value, Token);
        var released = await Store.AcquireLeaseAsync(Request(1), Token);
        var lapsed = await Store.AcquireLeaseAsync(Request(2, seconds: 30), Token);
        var gone = await Store.AcquireLeaseAsync(Request(3, isGone: true, seconds: 31), Token);

        Assert.Equal([1L, 1L, 2L, 3L, 4L], new[] { first, again, released, lapsed, gone }.Select(static answer => answer.Fence!.Value.Value));
    }

    [Fact]
    public async Task RenewLease_LapsedButNotTaken_HoldsAgain()
    {
        var fence = (await Store.AcquireLeaseAsync(Request(1), Token)).Fence!.Value;

        Assert.True(await Store.RenewLeaseAsync(Slot, fence, DateTimeOffset.UnixEpoch.AddSeconds(500), Token));
        Assert.Null((await Store.AcquireLeaseAsync(Request(2, seconds: 499), Token)).Fence);
    }

    [Fact]
    public async Task RenewLease_TakenOrReleased_IsFalse()
    {
        var first = (await Store.AcquireLeaseAsync(Request(1), Token)).Fence!.Value;
        var second = (await Store.AcquireLeaseAsync(Request(2, isGone: true), Token)).Fence!.Value;

        Assert.False(await Store.RenewLeaseAsync(Slot, first, DateTimeOffset.UnixEpoch.AddSeconds(500), Token));
        await Store.ReleaseLeaseAsync(Slot, first, Token);
        Assert.True(await Store.RenewLeaseAsync(Slot, second, DateTimeOffset.UnixEpoch.AddSeconds(500), Token));
        await Store.ReleaseLeaseAsync(Slot, second, Token);
        Assert.False(await Store.RenewLeaseAsync(Slot, second, DateTimeOffset.UnixEpoch.AddSeconds(500), Token));
    }

    [Fact]
    public async Task RenewLease_WhileAnotherThreadApplies_TakesItsTurn()
    {
        await Store.PrepareAsync(Notes, Token);
        var fence = await LeaseAsync(Notes);
        var renewing = Task.Run(
            async () =>
            {
                for (var i = 0; i < 50; i++)
                {
                    Assert.True(await Store.RenewLeaseAsync(Slot, fence, DateTimeOffset.UnixEpoch.AddSeconds(i), Token));
                }
            },
            Token);

        for (var i = 0; i < 20; i++)
        {
            await ApplyWithAsync(fence, i, [1]);
        }

        await renewing;
        Assert.Equal((20L, 20L), (CountNotes(), (await Store.ReadAsync(Slot, Token))!.Revision));
    }

    private static LeaseRequest Request(int instance, int seconds = 0, bool isGone = false) =>
        new(
            Slot,
            new LeaseOwner("machine", 7, 8, new Guid(instance, 0, 0, new byte[8])),
            DateTimeOffset.UnixEpoch.AddSeconds(seconds),
            TimeSpan.FromSeconds(30),
            _ => isGone);

    private async Task ApplyWithAsync(Fence fence, long revision, byte[] content)
    {
        using var page = PageOf(Notes, Note(revision + 1, "a"));
        await Store.ApplyAsync(new ApplyBatch(Notes, [page], new CheckpointWrite(Slot, content, revision, fence), null), Token);
    }
}
