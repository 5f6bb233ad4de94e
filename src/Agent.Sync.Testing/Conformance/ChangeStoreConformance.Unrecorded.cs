using Agent.Sync.Stores;
using Agent.Sync.Testing.Conformance;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing;

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

    public async Task Unrecorded_EditOfARowInFlight_IsSentAfterIt()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "sent").ConfigureAwait(false);
        var sent = await TakeOneAsync(store).ConfigureAwait(false);
        if (!await StopRecordingAsync(store, Items).ConfigureAwait(false))
        {
            return;
        }

        await UpdateAsync(store, Items, "a", new Dictionary<string, string?> { ["title"] = "later", ["note"] = "later" }).ConfigureAwait(false);
        await NeedsReconciliationAsync(store, true).ConfigureAwait(false);

        await IsSentAgainAsync(store, sent).ConfigureAwait(false);
        await SettleAsync(store, sent, SettlementKind.Acknowledge, Row("a", 2, "sent")).ConfigureAwait(false);

        // A store that knows which columns the recorded edit touched may hold the other one back until the comparison is complete.
        await ReconcileAsync(store, Row("a", 2, "sent")).ConfigureAwait(false);
        var after = await TakeOneAsync(store).ConfigureAwait(false);
        Expect.Equal("Update id=a base 2 row title=later,note=later", after.Text, "the edit after it");
        await SettleAsync(store, after, SettlementKind.Acknowledge, Row("a", 3, "later", note: "later")).ConfigureAwait(false);
        await HoldsAsync(store, "a=later").ConfigureAwait(false);
        await NothingIsLeftAsync(store).ConfigureAwait(false);
    }

    public async Task Unrecorded_DeleteOfARowInFlight_IsSentAfterIt()
    {
        var store = await OpenPreparedAsync(Row("b", 1, "b")).ConfigureAwait(false);
        await InsertAsync(store, "a", "sent").ConfigureAwait(false);
        var sent = await TakeOneAsync(store).ConfigureAwait(false);
        if (!await StopRecordingAsync(store, Items).ConfigureAwait(false))
        {
            return;
        }

        await DeleteAsync(store, "a").ConfigureAwait(false);
        await store.PrepareAsync(Items, CancellationToken.None).ConfigureAwait(false);

        await IsSentAgainAsync(store, sent).ConfigureAwait(false);
        await SettleAsync(store, sent, SettlementKind.Acknowledge, Row("a", 1, "sent")).ConfigureAwait(false);
        Expect.Equal("Delete id=a base 1 row -", (await TakeOneAsync(store, ChangePart.Deletes).ConfigureAwait(false)).Text, "the delete after it");
    }

    public async Task Unrecorded_InsertOfARowWhoseDeleteIsInFlight_IsSentAfterIt()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a"), Row("b", 1, "b")).ConfigureAwait(false);
        await DeleteAsync(store, "a").ConfigureAwait(false);
        var sent = await TakeOneAsync(store, ChangePart.Deletes).ConfigureAwait(false);
        if (!await StopRecordingAsync(store, Items).ConfigureAwait(false))
        {
            return;
        }

        await InsertAsync(store, "a", "again").ConfigureAwait(false);
        await NeedsReconciliationAsync(store, true).ConfigureAwait(false);

        await IsSentAgainAsync(store, sent, ChangePart.Deletes).ConfigureAwait(false);
        await SettleAsync(store, sent, SettlementKind.Acknowledge).ConfigureAwait(false);
        await HoldsAsync(store, "a=again", "b=b").ConfigureAwait(false);
        Expect.Equal("Insert id=a base  row id=a,title=again", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the insert after it");
    }

    private static async Task IsSentAgainAsync(IChangeStore store, TakenChange sent, ChangePart part = ChangePart.Writes)
    {
        var again = await TakeOneAsync(store, part).ConfigureAwait(false);
        Expect.Equal(sent.Text, again.Text, "what is sent again");
        Expect.Equal(sent.OperationId, again.OperationId, "its operation");
    }

    public async Task Unrecorded_SameVersionWithALaterCursor_GoesToQuarantine()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a")).ConfigureAwait(false);
        if (!await StopRecordingAsync(store, Items).ConfigureAwait(false))
        {
            return;
        }

        await NeedsReconciliationAsync(store, true).ConfigureAwait(false);

        await ReconcileAsync(store, Restamped("theirs", 3)).ConfigureAwait(false);

        // Nothing tells whether a person typed what is here; the server's row was written since.
        await CountsAsync(store, 0, 1).ConfigureAwait(false);
        await HoldsAsync(store, "a=a").ConfigureAwait(false);
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
        Expect.Equal(ChangeCodes.Unrecorded, (await ListAsync(store).ConfigureAwait(false)).Single().Code, "the code");
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

    public async Task Unrecorded_DeletedOnTheServerWhereEditsWin_IsKept()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a"), Row("b", 1, "b")).ConfigureAwait(false);
        if (!await StopRecordingAsync(store, Items).ConfigureAwait(false))
        {
            return;
        }

        await UpdateAsync(store, "b", "mine").ConfigureAwait(false);
        await NeedsReconciliationAsync(store, true).ConfigureAwait(false);

        await ReconcileAsync(store, static rule => rule with { KeepsDeleted = true }, Row("a", 1, "a")).ConfigureAwait(false);

        await HoldsAsync(store, "a=a", "b=mine").ConfigureAwait(false);
        await CountsAsync(store, 0, 1).ConfigureAwait(false);
    }

    public async Task Unrecorded_KeyThatChanged_IsKept()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a"), Row("b", 2, "b")).ConfigureAwait(false);
        if (!await StopRecordingAsync(store, Items).ConfigureAwait(false))
        {
            return;
        }

        await UpdateAsync(store, Items, "b", new Dictionary<string, string?> { ["id"] = "c" }).ConfigureAwait(false);
        await NeedsReconciliationAsync(store, true).ConfigureAwait(false);

        await ReconcileAsync(store, Row("a", 1, "a"), Row("b", 2, "b")).ConfigureAwait(false);

        // The row stands under a key that the server does not know, as one does that the server deleted: it is neither removed nor sent without the user's word.
        await HoldsAsync(store, "a=a", "c=b").ConfigureAwait(false);
        Expect.Equal(0, (await TakeAsync(store).ConfigureAwait(false)).Count, "the writes");
        await store.RetryChangesAsync(Items, null, CancellationToken.None).ConfigureAwait(false);
        Expect.Equal("Insert id=c base  row id=c,title=b", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the write after the retry");
    }

    public async Task Unrecorded_UnderARecordedEdit_IsSentWithIt()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a", note: "one"), Row("b", 1, "b", note: "two")).ConfigureAwait(false);
        if (!await StopRecordingAsync(store, Items).ConfigureAwait(false))
        {
            return;
        }

        await UpdateAsync(store, Items, "a", new Dictionary<string, string?> { ["note"] = "mine" }).ConfigureAwait(false);
        await NeedsReconciliationAsync(store, true).ConfigureAwait(false);
        await UpdateAsync(store, "a", "recorded").ConfigureAwait(false);

        Expect.Equal(0, (await TakeAsync(store).ConfigureAwait(false)).Count, "the writes before the row was compared");
        await ReconcileAsync(store, Row("a", 1, "a", note: "one"), Row("b", 1, "b", note: "two")).ConfigureAwait(false);

        var change = await TakeOneAsync(store).ConfigureAwait(false);
        Expect.Equal("Update id=a base 1 row title=recorded,note=mine", change.Text, "the write");
    }

    public async Task Unrecorded_FoundWhileLookedFor_IsNotSentBeforeTheSwap()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a")).ConfigureAwait(false);
        if (!await StopRecordingAsync(store, Items).ConfigureAwait(false))
        {
            return;
        }

        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        await NeedsReconciliationAsync(store, true).ConfigureAwait(false);

        await ReconcilePagesAsync(store, true, Row("a", 1, "a")).ConfigureAwait(false);

        Expect.Equal(0, (await TakeAsync(store).ConfigureAwait(false)).Count, "the writes before the swap");
        await HoldsAsync(store, "a=mine").ConfigureAwait(false);
    }

    public async Task Unrecorded_MoreThanTheGuardAllows_StayInQuarantine()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a"), Row("b", 1, "b"), Row("c", 1, "c")).ConfigureAwait(false);
        if (!await StopRecordingAsync(store, Items).ConfigureAwait(false))
        {
            return;
        }

        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        await DeleteAsync(store, "b").ConfigureAwait(false);
        await NeedsReconciliationAsync(store, true).ConfigureAwait(false);

        var held = await ReconcileAsync(store, rule => rule with { MaxEdits = 1 }, Row("a", 1, "a"), Row("b", 1, "b"), Row("c", 1, "c")).ConfigureAwait(false);

        Expect.Equal(2L, held, "the edits that were held");
        await CountsAsync(store, 0, 2).ConfigureAwait(false);
        await NeedsReconciliationAsync(store, false).ConfigureAwait(false);
        await store.RetryChangesAsync(Items, null, CancellationToken.None).ConfigureAwait(false);
        Expect.Equal("Update id=a base 1 row title=mine", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the write after the retry");
        Expect.Equal("Delete id=b base 1 row -", (await TakeOneAsync(store, ChangePart.Deletes).ConfigureAwait(false)).Text, "the delete after the retry");
    }

    public async Task Unrecorded_ColumnThatIsEmptyInEveryRow_StaysInQuarantine()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a", note: "one"), Row("b", 1, "b", note: "two")).ConfigureAwait(false);
        if (!await StopRecordingAsync(store, Items).ConfigureAwait(false))
        {
            return;
        }

        var emptied = new Dictionary<string, string?> { ["note"] = null };
        await UpdateAsync(store, Items, "a", emptied).ConfigureAwait(false);
        await UpdateAsync(store, Items, "b", emptied).ConfigureAwait(false);
        await NeedsReconciliationAsync(store, true).ConfigureAwait(false);

        var held = await ReconcileAsync(store, static rule => rule, Row("a", 1, "a", note: "one"), Row("b", 1, "b", note: "two")).ConfigureAwait(false);

        Expect.Equal(2L, held, "the edits that were held");
        Expect.Equal(0, (await TakeAsync(store).ConfigureAwait(false)).Count, "the writes");
        Expect.Equal(2, await store.DiscardChangesAsync(Items, null, CancellationToken.None).ConfigureAwait(false), "the edits that were discarded");
        var notes = (await ReadRowsAsync(store, Items).ConfigureAwait(false)).Select(static row => row["note"]).Order(StringComparer.Ordinal);
        Expect.Equal("one,two", string.Join(',', notes), "the notes after the discard");
    }

    public async Task Unrecorded_ColumnThatIsNew_IsTakenFromTheServer()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a"), Row("b", 1, "b")).ConfigureAwait(false);
        if (!await StopRecordingAsync(store, Items).ConfigureAwait(false))
        {
            return;
        }

        await UpdateAsync(store, "b", "mine").ConfigureAwait(false);
        await store.PrepareAsync(Wider, CancellationToken.None).ConfigureAwait(false);
        var reconciliation = new Reconciliation(static (_, _) => true);

        await ApplyAsync(store, Wider, batch => batch with { Generation = 9, Reconciliation = reconciliation }, Wide("a", "a"), Wide("b", "b")).ConfigureAwait(false);
        var swap = new GenerationSwap(Wider, 9, 1, null) { Reconciliation = reconciliation };
        await store.SwapGenerationAsync(swap, CancellationToken.None).ConfigureAwait(false);

        var rows = (await ReadRowsAsync(store, Wider).ConfigureAwait(false)).Select(static row => $"{row["title"]}/{row["extra"]}").Order(StringComparer.Ordinal);
        Expect.Equal("a/new,mine/new", string.Join(',', rows), "the rows");
        var writes = await TakeAsync(store, Request(dataset: Wider)).ConfigureAwait(false);
        Expect.Equal("Update id=b base 1 row title=mine", string.Join("; ", writes), "the writes");
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

    private static Task<long> ReconcileAsync(IChangeStore store, params string[] rows) => ReconcileAsync(store, static rule => rule, rows);

    private static async Task<long> ReconcileAsync(IChangeStore store, Func<Reconciliation, Reconciliation> guard, params string[] rows)
    {
        await ReconcilePagesAsync(store, true, rows).ConfigureAwait(false);
        var swap = new GenerationSwap(Items, 9, 1, null) { Reconciliation = guard(new Reconciliation(static (_, _) => true)) };
        return (await store.SwapGenerationAsync(swap, CancellationToken.None).ConfigureAwait(false)).Held;
    }
}
