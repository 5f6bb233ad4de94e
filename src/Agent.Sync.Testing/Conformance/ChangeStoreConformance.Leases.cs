using Agent.Sync.Stores;
using Agent.Sync.Testing.Conformance;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing;

public abstract partial class ChangeStoreConformance
{
    public async Task Lease_GoneToAnother_RefusesTakingAndSettling()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        if (store is not ICheckpointStore leases)
        {
            return;
        }

        await InsertAsync(store, "a", "mine").ConfigureAwait(false);
        var stale = await AcquireAsync(leases, 1, Noon).ConfigureAwait(false);
        var taken = await TakeAsync(store, Request() with { Lease = stale }).ConfigureAwait(false);
        var held = await AcquireAsync(leases, 2, Noon.AddMinutes(5)).ConfigureAwait(false);

        await Expect.FailsAsync(SyncErrorKind.LeaseLost, () => SettleUnderAsync(store, taken[0], stale), "settling under a lease that is gone").ConfigureAwait(false);
        await CountsAsync(store, 1, 0).ConfigureAwait(false);
        await Expect.FailsAsync(SyncErrorKind.LeaseLost, async () => (await store.TakeAsync(Request() with { Lease = stale }, CancellationToken.None).ConfigureAwait(false)).Dispose(), "taking under a lease that is gone").ConfigureAwait(false);
        await SettleUnderAsync(store, taken[0], held).ConfigureAwait(false);
        await CountsAsync(store, 0, 0).ConfigureAwait(false);
    }

    private static async ValueTask SettleUnderAsync(IChangeStore store, TakenChange change, Fence lease) =>
        await store.SettleAsync(new SettlementBatch(Items, [new Settlement(change.Id, change.OperationId, SettlementKind.Acknowledge)], Noon, lease), CancellationToken.None).ConfigureAwait(false);

    private static async Task<Fence> AcquireAsync(ICheckpointStore leases, int process, DateTimeOffset now)
    {
        var owner = new LeaseOwner("machine", process, process, new Guid(process, 0, 0, new byte[8]));
        var answer = await leases.AcquireLeaseAsync(new LeaseRequest(CheckpointId.For(Items), owner, now, TimeSpan.FromSeconds(30), static _ => false), CancellationToken.None).ConfigureAwait(false);
        return answer.Fence!.Value;
    }
}
