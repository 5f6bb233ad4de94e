using Agent.Sync.Local;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing.Conformance;

public abstract partial class ChangeStoreConformance
{
    public async Task Unrecorded_Edits_AreFoundByAReconciliation()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a"), Row("b", 1, "b"), Row("c", 1, "c")).ConfigureAwait(false);
        if (!await StopRecordingAsync(store, Items).ConfigureAwait(false))
        {
            return;
        }

        await UpdateAsync(store, "a", "edited").ConfigureAwait(false);
        await DeleteAsync(store, "b").ConfigureAwait(false);
        await InsertAsync(store, "new", "mine").ConfigureAwait(false);
        await NeedsReconciliationAsync(store, true).ConfigureAwait(false);

        await ReconcileAsync(store, Row("a", 1, "a"), Row("b", 1, "b"), Row("c", 1, "c")).ConfigureAwait(false);

        await NeedsReconciliationAsync(store, false).ConfigureAwait(false);
        await HoldsAsync(store, "a=edited", "c=c", "new=mine").ConfigureAwait(false);
        var writes = await TakeAsync(store).ConfigureAwait(false);
        Expect.Equal("Insert id=new base  row id=new,title=mine; Update id=a base 1 row title=edited", string.Join("; ", writes.Select(static change => change.Text).Order(StringComparer.Ordinal)), "the writes");
        Expect.Equal("Delete id=b base 1 row -", (await TakeOneAsync(store, ChangePart.Deletes).ConfigureAwait(false)).Text, "the delete");
    }

    public async Task Unrecorded_UntilTheSwap_StaysToBeFound()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a")).ConfigureAwait(false);
        if (!await StopRecordingAsync(store, Items).ConfigureAwait(false))
        {
            return;
        }

        await NeedsReconciliationAsync(store, true).ConfigureAwait(false);

        await ReconcilePagesAsync(store, true, Row("a", 1, "a")).ConfigureAwait(false);

        await NeedsReconciliationAsync(await OpenPreparedAsync().ConfigureAwait(false), true).ConfigureAwait(false);
    }

    public async Task Unrecorded_ChangedOnTheServerOnly_IsTaken()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a"), Row("gone", 1, "gone")).ConfigureAwait(false);
        if (!await StopRecordingAsync(store, Items).ConfigureAwait(false))
        {
            return;
        }

        await NeedsReconciliationAsync(store, true).ConfigureAwait(false);

        await ReconcileAsync(store, Row("a", 2, "a")).ConfigureAwait(false);

        await HoldsAsync(store, "a=a").ConfigureAwait(false);
        await NothingIsLeftAsync(store).ConfigureAwait(false);
    }

    public async Task Unrecorded_NewOnTheServer_IsInserted()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a")).ConfigureAwait(false);
        if (!await StopRecordingAsync(store, Items).ConfigureAwait(false))
        {
            return;
        }

        await NeedsReconciliationAsync(store, true).ConfigureAwait(false);

        await ReconcilePagesAsync(store, false, Row("a", 1, "a"), Row("b", 1, "theirs")).ConfigureAwait(false);

        await HoldsAsync(store, "a=a", "b=theirs").ConfigureAwait(false);
        await NothingIsLeftAsync(store).ConfigureAwait(false);
    }

    public async Task Unrecorded_ChangedOnBothSides_GoesToQuarantine()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a")).ConfigureAwait(false);
        if (!await StopRecordingAsync(store, Items).ConfigureAwait(false))
        {
            return;
        }

        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        await NeedsReconciliationAsync(store, true).ConfigureAwait(false);

        await ReconcileAsync(store, Row("a", 2, "theirs")).ConfigureAwait(false);

        await HoldsAsync(store, "a=mine").ConfigureAwait(false);
        await CountsAsync(store, 0, 1).ConfigureAwait(false);
        Expect.Equal(Reconciliation.Unrecorded, (await ListAsync(store).ConfigureAwait(false)).Single().Code, "the code");
    }

    public async Task Unrecorded_RecordedChange_IsLeftAsItIs()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "recorded").ConfigureAwait(false);
        if (!await StopRecordingAsync(store, Items).ConfigureAwait(false))
        {
            return;
        }

        await NeedsReconciliationAsync(store, true).ConfigureAwait(false);

        await ReconcileAsync(store, Row("a", 1, "a")).ConfigureAwait(false);

        Expect.Equal("Update id=a base 1 row title=recorded", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    private static async Task NeedsReconciliationAsync(IChangeStore store, bool expected)
    {
        var state = await store.PrepareAsync(Items, CancellationToken.None).ConfigureAwait(false);
        Expect.Equal(expected, state.HasUnrecordedChanges, "whether edits may have been missed");
    }

    private static async Task ReconcilePagesAsync(IChangeStore store, bool wasKnown, params string[] rows)
    {
        var reconciliation = new Reconciliation((_, _) => wasKnown);
        await ApplyAsync(store, Items, batch => batch with { Generation = 9, Reconciliation = reconciliation }, rows).ConfigureAwait(false);
    }

    private static async Task ReconcileAsync(IChangeStore store, params string[] rows)
    {
        await ReconcilePagesAsync(store, true, rows).ConfigureAwait(false);
        var swap = new GenerationSwap(Items, 9, 1, null) { Reconciliation = new Reconciliation(static (_, _) => true) };
        await store.SwapGenerationAsync(swap, CancellationToken.None).ConfigureAwait(false);
    }
}
