using Agent.Sync.Sqlite.Database;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using SQLitePCL;

namespace Agent.Sync.Sqlite.Tests.Bookkeeping;

/// <summary>A lease is free when nobody can use it any more.</summary>
public sealed class HeldLeaseTests : StoreTest
{
    private static readonly CheckpointId Slot = CheckpointId.For(Notes);

    [Fact]
    public async Task Dispose_LeaseHeld_IsFreeForAnotherProcessAtOnce()
    {
        var holder = OpenStore();
        Assert.NotNull((await AskAsync(holder, 1)).Fence);
        using var other = OpenStore();
        Assert.Null((await AskAsync(other, 2)).Fence);

        await holder.DisposeAsync();

        Assert.NotNull((await AskAsync(other, 2)).Fence);
    }

    [Fact]
    public async Task Dispose_LeaseTakenByAnotherSince_LeavesItAlone()
    {
        var holder = OpenStore();
        await AskAsync(holder, 1);
        using var other = OpenStore();
        Assert.NotNull((await AskAsync(other, 2, TimeSpan.FromMinutes(1))).Fence);

        holder.Dispose();

        Assert.Null((await AskAsync(other, 3, TimeSpan.FromMinutes(1))).Fence);
    }

    [Fact]
    public async Task Dispose_AfterAFullDisk_FreesTheLeaseThatCouldNotBeGivenBack()
    {
        var isFull = false;
        var holder = OpenStore(hook: (_, sql) => isFull && sql.StartsWith("UPDATE agent_sync_lease", StringComparison.Ordinal) ? raw.SQLITE_FULL : 0);
        var fence = (await AskAsync(holder, 1)).Fence!.Value;
        isFull = true;
        await Assert.ThrowsAsync<SyncStoreException>(async () => await holder.ReleaseLeaseAsync(Slot, fence, Token));
        isFull = false;

        holder.Dispose();

        using var other = OpenStore();
        Assert.NotNull((await AskAsync(other, 2)).Fence);
    }

    [Fact]
    public async Task Dispose_DiskStillFull_DoesNotThrow()
    {
        var isFull = false;
        var holder = OpenStore(hook: (_, sql) => isFull && sql.StartsWith("UPDATE agent_sync_lease", StringComparison.Ordinal) ? raw.SQLITE_FULL : 0);
        await AskAsync(holder, 1);
        isFull = true;

        holder.Dispose();
        holder.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await AskAsync(holder, 1));
    }

    [Fact]
    public async Task Sync_AfterAFullDisk_NeedsNotWaitForItsOwnLease()
    {
        var isFull = false;
        var server = new PostgrestDouble(new VirtualTimeProvider());
        server.AddTable(Notes).Insert("""{"id":1,"body":"a"}""");
        using var store = OpenStore(hook: (point, sql) =>
        {
            isFull |= sql.StartsWith("INSERT OR ROLLBACK INTO \"notes\"", StringComparison.Ordinal) && CountNotes() == 0;
            return isFull && point == SqlitePoint.BeforeCommit ? raw.SQLITE_FULL : 0;
        });
        await using var engine = EngineOf(server)
            .UseLocalStore(store)
            .Build();
        Assert.Equal(SyncErrorKind.StoreFailed, (await Assert.ThrowsAsync<SyncStoreException>(() => engine.SyncAsync(cancellationToken: Token))).Kind);
        isFull = false;
        Execute("INSERT INTO notes (id) VALUES (7)");

        Assert.Equal(SyncOutcome.Completed, (await engine.SyncAsync(cancellationToken: Token)).Outcome);
    }

    private static async Task<LeaseAnswer> AskAsync(SqliteStore store, int process, TimeSpan later = default) => await store.AcquireLeaseAsync(
        new LeaseRequest(Slot, new LeaseOwner("machine", process, 1, new Guid(process, 0, 0, new byte[8])), DateTimeOffset.UnixEpoch + later, TimeSpan.FromSeconds(30), static _ => false), Token);
}
