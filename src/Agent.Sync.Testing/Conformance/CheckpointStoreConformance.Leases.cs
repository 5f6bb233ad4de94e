using Agent.Sync.Testing.Conformance;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing;

public abstract partial class CheckpointStoreConformance
{
    public async Task Lease_FirstHolder_GetsFenceOne()
    {
        var store = await OpenAsync().ConfigureAwait(false);

        var answer = await store.AcquireLeaseAsync(Ask(Alice), CancellationToken.None).ConfigureAwait(false);

        Expect.Equal(1, answer.Fence?.Value, "the first holder's fence");
        Expect.Equal(Alice, answer.Holder, "the holder");
        Expect.Equal(Noon + Ttl, answer.ExpiresAt, "when the lease lapses");
    }

    public async Task Lease_HeldByAnother_IsRefusedAndNamesTheHolder()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        await TakeAsync(store, Alice).ConfigureAwait(false);

        var answer = await store.AcquireLeaseAsync(Ask(Bob, Noon + Ttl - TimeSpan.FromMilliseconds(1)), CancellationToken.None).ConfigureAwait(false);

        Expect.That(answer.Fence is null, "a held lease is not granted");
        Expect.Equal(Alice, answer.Holder, "the holder");
        Expect.Equal(Noon + Ttl, answer.ExpiresAt, "when the lease lapses");
    }

    public async Task Lease_SameOwnerAgain_KeepsItsFence()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);

        var again = await store.AcquireLeaseAsync(Ask(Alice, Noon + (2 * Ttl)), CancellationToken.None).ConfigureAwait(false);

        Expect.Equal(fence, again.Fence, "the fence of an owner that asks again, even after its lease lapsed");
        Expect.Equal(Noon + (3 * Ttl), again.ExpiresAt, "when the lease lapses");
    }

    public async Task Lease_Lapsed_GoesToTheNextWithAHigherFence()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);

        var next = await store.AcquireLeaseAsync(Ask(Bob, Noon + Ttl), CancellationToken.None).ConfigureAwait(false);

        Expect.That(next.Fence?.Value > fence.Value, "a later holder's fence is higher");
        Expect.Equal(Bob, next.Holder, "the holder");
    }

    public async Task Lease_EndingInAHundredYears_LapsesAfterOneLife()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        await TakeAsync(store, Alice, Noon.AddYears(100)).ConfigureAwait(false);

        var answer = await store.AcquireLeaseAsync(Ask(Bob), CancellationToken.None).ConfigureAwait(false);
        var next = await store.AcquireLeaseAsync(Ask(Bob, Noon + Ttl), CancellationToken.None).ConfigureAwait(false);

        Expect.That(answer.Fence is null, "a holder whose clock jumped may be alive");
        Expect.Equal(Noon + Ttl, answer.ExpiresAt, "when the lease lapses by the asker's clock");
        Expect.That(next.Fence is not null, "a lease is not held for a hundred years");
    }

    public async Task Lease_EndingInAHundredYearsAndRenewed_Holds()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice, Noon.AddYears(100)).ConfigureAwait(false);
        await store.AcquireLeaseAsync(Ask(Bob), CancellationToken.None).ConfigureAwait(false);

        Expect.That(await store.RenewLeaseAsync(SlotA, fence, Noon.AddYears(100), CancellationToken.None).ConfigureAwait(false), "a holder that lives renews");
        var answer = await store.AcquireLeaseAsync(Ask(Bob, Noon + Ttl), CancellationToken.None).ConfigureAwait(false);

        Expect.That(answer.Fence is null, "a lease that was renewed is held");
    }

    public async Task Lease_HolderGone_IsReplacedAtOnce()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);

        var next = await store.AcquireLeaseAsync(Ask(Bob, Noon, isGone: true), CancellationToken.None).ConfigureAwait(false);

        Expect.That(next.Fence?.Value > fence.Value, "a dead holder is replaced, with a higher fence");
    }

    public async Task Lease_Renewed_HoldsLonger()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);

        var renewed = await store.RenewLeaseAsync(SlotA, fence, Noon + (2 * Ttl), CancellationToken.None).ConfigureAwait(false);

        var answer = await store.AcquireLeaseAsync(Ask(Bob, Noon + Ttl), CancellationToken.None).ConfigureAwait(false);
        Expect.That(renewed, "the holder renews its lease");
        Expect.That(answer.Fence is null, "a renewed lease holds");
        Expect.Equal(Noon + (2 * Ttl), answer.ExpiresAt, "when the lease lapses");
    }

    public async Task Lease_LapsedButNotTaken_CanBeRenewed()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);

        var renewed = await store.RenewLeaseAsync(SlotA, fence, Noon + (5 * Ttl), CancellationToken.None).ConfigureAwait(false);

        var answer = await store.AcquireLeaseAsync(Ask(Bob, Noon + (4 * Ttl)), CancellationToken.None).ConfigureAwait(false);
        Expect.That(renewed && answer.Fence is null, "a lapsed lease that nobody took is its holder's to renew");
    }

    public async Task Lease_TakenByAnother_CannotBeRenewed()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var stale = await TakeAsync(store, Alice).ConfigureAwait(false);
        await TakeAsync(store, Bob, Noon + Ttl).ConfigureAwait(false);

        Expect.That(!await store.RenewLeaseAsync(SlotA, stale, Noon + (9 * Ttl), CancellationToken.None).ConfigureAwait(false), "a lost lease cannot be renewed");

        var answer = await store.AcquireLeaseAsync(Ask(Alice, Noon + Ttl), CancellationToken.None).ConfigureAwait(false);
        Expect.Equal(Bob, answer.Holder, "the holder");
        Expect.Equal(Noon + (2 * Ttl), answer.ExpiresAt, "when the new holder's lease lapses");
    }

    public async Task Lease_Released_IsFreeAtOnce()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);

        await store.ReleaseLeaseAsync(SlotA, fence, CancellationToken.None).ConfigureAwait(false);

        var next = await store.AcquireLeaseAsync(Ask(Bob), CancellationToken.None).ConfigureAwait(false);
        Expect.That(next.Fence?.Value > fence.Value, "a released lease is granted with a higher fence");
    }

    public async Task Lease_ReleasedByAStaleHolder_StaysWithTheNewOne()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var stale = await TakeAsync(store, Alice).ConfigureAwait(false);
        await TakeAsync(store, Bob, Noon + Ttl).ConfigureAwait(false);

        await store.ReleaseLeaseAsync(SlotA, stale, CancellationToken.None).ConfigureAwait(false);

        var answer = await store.AcquireLeaseAsync(Ask(Alice, Noon + Ttl), CancellationToken.None).ConfigureAwait(false);
        Expect.That(answer.Fence is null, "a stale holder cannot give back what is not its own");
        Expect.Equal(Bob, answer.Holder, "the holder");
    }

    public async Task Lease_TakenAgainAfterRelease_GetsANewFence()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);
        await store.ReleaseLeaseAsync(SlotA, fence, CancellationToken.None).ConfigureAwait(false);

        var again = await TakeAsync(store, Alice).ConfigureAwait(false);

        Expect.That(again.Value > fence.Value, "a fence's number is not used again");
        await Expect.FailsAsync(SyncErrorKind.LeaseLost, () => WriteAsync(store, "late", 0, fence), "a write with the fence given back").ConfigureAwait(false);
    }

    public async Task Lease_OfOneSlot_LeavesTheOtherFree()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        await TakeAsync(store, Alice).ConfigureAwait(false);

        var answer = await store.AcquireLeaseAsync(Ask(Bob, checkpoint: SlotB), CancellationToken.None).ConfigureAwait(false);

        Expect.Equal(1, answer.Fence?.Value, "the fence of the other checkpoint's first holder");
    }

    public async Task Lease_TakenThroughOneHandle_IsHeldForTheOther()
    {
        var first = await OpenAsync().ConfigureAwait(false);
        var second = await OpenAsync().ConfigureAwait(false);
        await TakeAsync(first, Alice).ConfigureAwait(false);

        var answer = await second.AcquireLeaseAsync(Ask(Bob), CancellationToken.None).ConfigureAwait(false);

        Expect.That(answer.Fence is null, "a lease holds for every handle on the medium");
        Expect.Equal(Alice, answer.Holder, "the holder");
    }

    public async Task Lease_RefusedAsker_LeavesTheHolderItsFence()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);

        await store.AcquireLeaseAsync(Ask(Bob), CancellationToken.None).ConfigureAwait(false);

        await WriteAsync(store, "one", 0, fence).ConfigureAwait(false);
        await HoldsAsync(store, 1, "one").ConfigureAwait(false);
    }
}
