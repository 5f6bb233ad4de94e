using Agent.Sync.Stores;
using Agent.Sync.Testing.Conformance;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing;

public abstract partial class LocalStoreConformance
{
    public async Task Resync_EqualVersion_IsWrittenAgain()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 5, "stale")).ConfigureAwait(false);

        await ResyncAsync(store, 1, Row("a", 5, "fresh")).ConfigureAwait(false);

        await HoldsAsync(store, "a=fresh").ConfigureAwait(false);
    }

    public async Task Resync_OlderVersion_ReplacesTheRow()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 5, "old"), Row("b", 5, "gone")).ConfigureAwait(false);

        await ResyncAsync(store, 1, Row("a", 1, "made anew"), Row("b", 1, "gone", isDeleted: true)).ConfigureAwait(false);

        await HoldsAsync(store, "a=made anew").ConfigureAwait(false);
    }

    public async Task Resync_BeforeItsSwap_KeepsOldRowsReadable()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "one"), Row("b", 1, "two")).ConfigureAwait(false);

        await ResyncAsync(store, 1, Row("b", 1, "two")).ConfigureAwait(false);

        await HoldsAsync(store, "a=one", "b=two").ConfigureAwait(false);
    }

    public async Task Resync_UnderWayOrOver_IsWhatTheStateTells()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "one")).ConfigureAwait(false);
        var before = await store.PrepareAsync(Items, CancellationToken.None).ConfigureAwait(false);
        await ResyncAsync(store, 7, Row("a", 1, "one")).ConfigureAwait(false);
        var underWay = await store.PrepareAsync(Items, CancellationToken.None).ConfigureAwait(false);
        await SwapAsync(store, 7).ConfigureAwait(false);
        var over = await store.PrepareAsync(Items, CancellationToken.None).ConfigureAwait(false);

        // A store need not say.
        if (before.Generation is not null)
        {
            Expect.Equal((0, 7, 7), (before.Generation, underWay.Generation, over.Generation), "the generations before, during and after the resync");
        }
    }

    public async Task Swap_RowsNotSeen_AreRemoved()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "one"), Row("b", 1, "two"), Row("c", 1, "three")).ConfigureAwait(false);
        await ResyncAsync(store, 7, Row("a", 1, "one")).ConfigureAwait(false);
        await ResyncAsync(store, 7, Row("c", 2, "new")).ConfigureAwait(false);

        var result = await SwapAsync(store, 7).ConfigureAwait(false);

        Expect.Equal(new SwapResult(false, 1, 3), result, "the swap's counts");
        await HoldsAsync(store, "a=one", "c=new").ConfigureAwait(false);
    }

    public async Task Swap_RowSeenInAnOlderVersion_Stays()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 5, "higher")).ConfigureAwait(false);
        await ResyncAsync(store, 1, Row("a", 4, "older")).ConfigureAwait(false);

        var result = await SwapAsync(store, 1).ConfigureAwait(false);

        Expect.Equal(new SwapResult(false, 0, 1), result, "the swap's counts");
        await HoldsAsync(store, "a=older").ConfigureAwait(false);
    }

    public async Task Swap_AboveTheGuard_RefusesAndChangesNothing()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "a"), Row("b", 1, "b"), Row("c", 1, "c")).ConfigureAwait(false);
        await ResyncAsync(store, 1, Row("a", 1, "a")).ConfigureAwait(false);

        var result = await SwapAsync(store, 1, guard: 0.5).ConfigureAwait(false);

        Expect.Equal(new SwapResult(true, 2, 3), result, "the swap's counts");
        await HoldsAsync(store, "a=a", "b=b", "c=c").ConfigureAwait(false);
    }

    public async Task Swap_AfterARefusal_CanBeAllowed()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "a"), Row("b", 1, "b"), Row("c", 1, "c")).ConfigureAwait(false);
        await ResyncAsync(store, 1, Row("a", 1, "a")).ConfigureAwait(false);
        await SwapAsync(store, 1, guard: 0.5).ConfigureAwait(false);

        await SwapAsync(store, 1, guard: 1).ConfigureAwait(false);

        await HoldsAsync(store, "a=a").ConfigureAwait(false);
    }

    public async Task Swap_ExactlyAtTheGuard_Removes()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "a"), Row("b", 1, "b")).ConfigureAwait(false);
        await ResyncAsync(store, 1, Row("a", 1, "a")).ConfigureAwait(false);

        var result = await SwapAsync(store, 1, guard: 0.5).ConfigureAwait(false);

        Expect.Equal(new SwapResult(false, 1, 2), result, "the swap's counts");
        await HoldsAsync(store, "a=a").ConfigureAwait(false);
    }

    public async Task Swap_NothingSeen_RefusesUnlessTheGuardIsOff()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "a"), Row("b", 1, "b")).ConfigureAwait(false);
        await ResyncAsync(store, 1).ConfigureAwait(false);

        var guarded = await SwapAsync(store, 1, guard: 0.5).ConfigureAwait(false);
        Expect.Equal(new SwapResult(true, 2, 2), guarded, "the counts of the guarded swap");
        var open = await SwapAsync(store, 1, guard: 1).ConfigureAwait(false);

        Expect.Equal(new SwapResult(false, 2, 2), open, "the counts of the open swap");
        await HoldsAsync(store).ConfigureAwait(false);
    }

    public async Task Swap_EmptyTable_RemovesNothing()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);

        var result = await SwapAsync(store, 1, guard: 0).ConfigureAwait(false);

        Expect.Equal(new SwapResult(false, 0, 0), result, "the swap's counts");
    }

    public async Task Swap_AbandonedGeneration_DoesNotCountAsSeen()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "a"), Row("b", 1, "b")).ConfigureAwait(false);
        await ResyncAsync(store, 1, Row("a", 1, "a")).ConfigureAwait(false);
        await ResyncAsync(store, 2, Row("b", 1, "b")).ConfigureAwait(false);

        var result = await SwapAsync(store, 2).ConfigureAwait(false);

        Expect.Equal(new SwapResult(false, 1, 2), result, "the swap's counts");
        await HoldsAsync(store, "b=b").ConfigureAwait(false);
    }

    public async Task Swap_Again_RemovesNothing()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "a"), Row("b", 1, "b")).ConfigureAwait(false);
        await ResyncAsync(store, 1, Row("a", 1, "a")).ConfigureAwait(false);
        await SwapAsync(store, 1).ConfigureAwait(false);

        var result = await SwapAsync(store, 1).ConfigureAwait(false);

        Expect.Equal(new SwapResult(false, 0, 1), result, "the swap's counts");
        await HoldsAsync(store, "a=a").ConfigureAwait(false);
    }

    public async Task Swap_StoreOpenedAgain_RemembersWhatWasSeen()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "a"), Row("b", 1, "b")).ConfigureAwait(false);
        await ResyncAsync(store, 1, Row("a", 1, "a")).ConfigureAwait(false);

        var again = await OpenPreparedAsync().ConfigureAwait(false);
        await SwapAsync(again, 1).ConfigureAwait(false);

        await HoldsAsync(again, "a=a").ConfigureAwait(false);
    }

    public async Task Swap_Cancelled_LeavesAllOrNothing()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "a"), Row("b", 1, "b"), Row("c", 1, "c")).ConfigureAwait(false);
        await ResyncAsync(store, 1, Row("a", 1, "a")).ConfigureAwait(false);

        await Expect.MayBeCancelledAsync(async token => await store.SwapGenerationAsync(new GenerationSwap(Items, 1, 1, null), token).ConfigureAwait(false)).ConfigureAwait(false);

        var rows = await ReadRowsAsync(store, Items).ConfigureAwait(false);
        Expect.That(rows.Count is 1 or 3, "a cancelled swap leaves all or nothing");
    }
}
