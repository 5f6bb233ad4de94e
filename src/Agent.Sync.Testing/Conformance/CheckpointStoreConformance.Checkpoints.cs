using Agent.Sync.Stores;
using Agent.Sync.Testing.Conformance;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing;

public abstract partial class CheckpointStoreConformance
{
    public async Task Read_EmptySlot_IsNull() => await IsEmptyAsync(await OpenAsync().ConfigureAwait(false)).ConfigureAwait(false);

    public async Task Write_EmptySlot_IsReadBackAsRevisionOne()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);

        await WriteAsync(store, "one", 0, fence).ConfigureAwait(false);

        await HoldsAsync(store, 1, "one").ConfigureAwait(false);
    }

    public async Task Write_NextRevision_ReplacesTheContent()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);
        await WriteAsync(store, "a longer first content", 0, fence).ConfigureAwait(false);

        await WriteAsync(store, "two", 1, fence).ConfigureAwait(false);

        await HoldsAsync(store, 2, "two").ConfigureAwait(false);
    }

    public async Task Write_StaleRevision_IsRefused()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);
        await WriteAsync(store, "one", 0, fence).ConfigureAwait(false);
        await WriteAsync(store, "two", 1, fence).ConfigureAwait(false);

        await Expect.FailsAsync(SyncErrorKind.CheckpointConflict, () => WriteAsync(store, "late", 1, fence), "a write on revision 1 of 2").ConfigureAwait(false);

        await HoldsAsync(store, 2, "two").ConfigureAwait(false);
    }

    public async Task Write_RevisionAhead_IsRefused()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);

        await Expect.FailsAsync(SyncErrorKind.CheckpointConflict, () => WriteAsync(store, "early", 5, fence), "a write on revision 5 of an empty checkpoint").ConfigureAwait(false);

        await IsEmptyAsync(store).ConfigureAwait(false);
    }

    public async Task Write_SlotThatMustBeEmptyButIsNot_IsRefused()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);
        await WriteAsync(store, "one", 0, fence).ConfigureAwait(false);

        await Expect.FailsAsync(SyncErrorKind.CheckpointConflict, () => WriteAsync(store, "again", 0, fence), "a first write to a filled checkpoint").ConfigureAwait(false);

        await HoldsAsync(store, 1, "one").ConfigureAwait(false);
    }

    public async Task Write_StaleFence_IsRefused()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var stale = await TakeAsync(store, Alice).ConfigureAwait(false);
        await WriteAsync(store, "one", 0, stale).ConfigureAwait(false);
        await TakeAsync(store, Bob, Noon + Ttl).ConfigureAwait(false);

        await Expect.FailsAsync(SyncErrorKind.LeaseLost, () => WriteAsync(store, "late", 1, stale), "a write by a holder that was replaced").ConfigureAwait(false);

        await HoldsAsync(store, 1, "one").ConfigureAwait(false);
    }

    public async Task Write_FenceNeverHandedOut_IsRefused()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        await Expect.FailsAsync(SyncErrorKind.LeaseLost, () => WriteAsync(store, "made up", 0, default), "a write before any lease").ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);

        await Expect.FailsAsync(SyncErrorKind.LeaseLost, () => WriteAsync(store, "made up", 0, new Fence(fence.Value + 1)), "a write with a made-up fence").ConfigureAwait(false);

        await IsEmptyAsync(store).ConfigureAwait(false);
    }

    public async Task Write_BufferChangedLater_KeepsWhatWasWritten()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);
        var buffer = "one"u8.ToArray();
        await store.WriteAsync(new CheckpointWrite(SlotA, buffer, 0, fence), CancellationToken.None).ConfigureAwait(false);

        buffer.AsSpan().Clear();

        await HoldsAsync(store, 1, "one").ConfigureAwait(false);
    }

    public async Task Write_LargestContent_IsReadBack()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);
        var content = new byte[64 * 1024];
        new Random(1).NextBytes(content);

        await store.WriteAsync(new CheckpointWrite(SlotA, content, 0, fence), CancellationToken.None).ConfigureAwait(false);

        var found = await store.ReadAsync(SlotA, CancellationToken.None).ConfigureAwait(false);
        Expect.That(found is not null && found.Content.Span.SequenceEqual(content), "64 KiB of any bytes come back as they were");
    }

    public async Task Write_EmptyContent_IsNotAnEmptySlot()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);

        await WriteAsync(store, "", 0, fence).ConfigureAwait(false);

        await HoldsAsync(store, 1, "").ConfigureAwait(false);
    }

    public async Task Write_OneSlot_LeavesTheOtherAlone()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fenceA = await TakeAsync(store, Alice).ConfigureAwait(false);
        var fenceB = await TakeAsync(store, Alice, checkpoint: SlotB).ConfigureAwait(false);
        await WriteAsync(store, "b", 0, fenceB, SlotB).ConfigureAwait(false);

        await WriteAsync(store, "a", 0, fenceA).ConfigureAwait(false);
        await WriteAsync(store, "aa", 1, fenceA).ConfigureAwait(false);

        await HoldsAsync(store, 2, "aa").ConfigureAwait(false);
        await HoldsAsync(store, 1, "b", SlotB).ConfigureAwait(false);
    }

    public async Task Write_Cancelled_LeavesTheOldOrTheNew()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);
        await WriteAsync(store, "old", 0, fence).ConfigureAwait(false);

        await Expect.MayBeCancelledAsync(token => store.WriteAsync(new CheckpointWrite(SlotA, "new"u8.ToArray(), 1, fence), token)).ConfigureAwait(false);

        var found = await store.ReadAsync(SlotA, CancellationToken.None).ConfigureAwait(false);
        Expect.That(found is not null, "the checkpoint is still filled");
        await HoldsAsync(store, found!.Revision, found.Revision == 1 ? "old" : "new").ConfigureAwait(false);
        await WriteAsync(store, "next", found.Revision, fence).ConfigureAwait(false);
    }

    public async Task Write_OneHandle_IsSeenByTheOther()
    {
        var first = await OpenAsync().ConfigureAwait(false);
        var second = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(first, Alice).ConfigureAwait(false);

        await WriteAsync(first, "one", 0, fence).ConfigureAwait(false);
        await HoldsAsync(second, 1, "one").ConfigureAwait(false);
        await WriteAsync(second, "two", 1, fence).ConfigureAwait(false);

        await HoldsAsync(first, 2, "two").ConfigureAwait(false);
    }

    public async Task Write_TwoHandlesOnOneRevision_OneWins()
    {
        var first = await OpenAsync().ConfigureAwait(false);
        var second = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(first, Alice).ConfigureAwait(false);
        var one = WriteAsync(first, "first", 0, fence).AsTask();
        var two = WriteAsync(second, "second", 0, fence).AsTask();

        await Task.WhenAll(one, two).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);

        Expect.That(one.IsCompletedSuccessfully != two.IsCompletedSuccessfully, "exactly one of two writers of a revision wins");
        await HoldsAsync(first, 1, one.IsCompletedSuccessfully ? "first" : "second").ConfigureAwait(false);
    }

    public async Task Clear_FilledSlot_IsEmptyAndStartsAtRevisionOne()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);
        await WriteAsync(store, "one", 0, fence).ConfigureAwait(false);
        await WriteAsync(store, "two", 1, fence).ConfigureAwait(false);

        await store.ClearAsync(SlotA, fence, CancellationToken.None).ConfigureAwait(false);

        await IsEmptyAsync(store).ConfigureAwait(false);
        await WriteAsync(store, "anew", 0, fence).ConfigureAwait(false);
        await HoldsAsync(store, 1, "anew").ConfigureAwait(false);
    }

    public async Task Clear_EmptySlot_DoesNothing()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fence = await TakeAsync(store, Alice).ConfigureAwait(false);

        await store.ClearAsync(SlotA, fence, CancellationToken.None).ConfigureAwait(false);

        await IsEmptyAsync(store).ConfigureAwait(false);
    }

    public async Task Clear_StaleFence_IsRefused()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var stale = await TakeAsync(store, Alice).ConfigureAwait(false);
        await WriteAsync(store, "one", 0, stale).ConfigureAwait(false);
        await TakeAsync(store, Bob, Noon + Ttl).ConfigureAwait(false);

        await Expect.FailsAsync(SyncErrorKind.LeaseLost, () => store.ClearAsync(SlotA, stale, CancellationToken.None), "a clear by a holder that was replaced").ConfigureAwait(false);

        await HoldsAsync(store, 1, "one").ConfigureAwait(false);
    }

    public async Task Clear_OneSlot_LeavesTheOtherAlone()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var fenceA = await TakeAsync(store, Alice).ConfigureAwait(false);
        var fenceB = await TakeAsync(store, Alice, checkpoint: SlotB).ConfigureAwait(false);
        await WriteAsync(store, "a", 0, fenceA).ConfigureAwait(false);
        await WriteAsync(store, "b", 0, fenceB, SlotB).ConfigureAwait(false);

        await store.ClearAsync(SlotA, fenceA, CancellationToken.None).ConfigureAwait(false);

        await HoldsAsync(store, 1, "b", SlotB).ConfigureAwait(false);
    }

    public async Task Key_AskedAgain_IsTheSame()
    {
        var first = await OpenAsync().ConfigureAwait(false);
        var key = await first.GetOrCreateKeyAsync(CancellationToken.None).ConfigureAwait(false);
        var second = await OpenAsync().ConfigureAwait(false);

        var again = await second.GetOrCreateKeyAsync(CancellationToken.None).ConfigureAwait(false);

        Expect.Equal(32, key.Length, "the key's length");
        Expect.That(key.Span.SequenceEqual(again.Span), "a store has one key for its life");
        Expect.That(key.Span.IndexOfAnyExcept((byte)0) >= 0, "the key is random");
    }
}
