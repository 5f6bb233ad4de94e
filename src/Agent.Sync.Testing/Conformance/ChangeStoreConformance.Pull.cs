using System.Globalization;
using Agent.Sync.Stores;
using Agent.Sync.Testing.Conformance;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing;

public abstract partial class ChangeStoreConformance
{
    public async Task Pull_RowWithAWaitingChange_IsNotOverwritten()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);

        await PullAsync(store, Row("a", 2, "theirs")).ConfigureAwait(false);

        await HoldsAsync(store, "a=mine").ConfigureAwait(false);
        Expect.Equal("Update id=a base 1 row title=mine", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task Pull_SameVersionWithALaterCursor_IsLearnt()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);

        await PullAsync(store, Restamped("theirs", 3)).ConfigureAwait(false);
        await PullAsync(store, Restamped("before", 2)).ConfigureAwait(false);

        await HoldsAsync(store, "a=mine").ConfigureAwait(false);
        var change = (await ListAsync(store).ConfigureAwait(false))[0];
        await store.DiscardChangesAsync(Items, [change.Id], CancellationToken.None).ConfigureAwait(false);
        await HoldsAsync(store, "a=theirs").ConfigureAwait(false);
        await NothingIsLeftAsync(store).ConfigureAwait(false);
    }

    public async Task Pull_SameVersionWithALaterCursor_IsTheBaseOfAQuarantinedChange()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old", note: "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        await RejectAsync(store, await TakeOneAsync(store).ConfigureAwait(false)).ConfigureAwait(false);

        await PullAsync(store, Restamped("theirs", 3, note: "new")).ConfigureAwait(false);
        await PullAsync(store, Restamped("before", 2, note: "before")).ConfigureAwait(false);

        var row = (await ReadRowsAsync(store, Items).ConfigureAwait(false))[0];
        Expect.Equal("mine new", $"{row["title"]} {row["note"]}", "the row, where the edit stays and the rest is the server's");
        await store.DiscardChangesAsync(Items, null, CancellationToken.None).ConfigureAwait(false);
        await HoldsAsync(store, "a=theirs").ConfigureAwait(false);
    }

    private static string Restamped(string title, int microsecond, string? note = null) =>
        Row("a", 1, title, note: note).Replace(".000001+", $".{microsecond.ToString("D6", CultureInfo.InvariantCulture)}+", StringComparison.Ordinal);

    public async Task Pull_ResyncBringsALowerVersion_IsLearnt()
    {
        var store = await OpenPreparedAsync(Row("a", 5, "old"), Row("b", 5, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        await RejectAsync(store, await TakeOneAsync(store).ConfigureAwait(false)).ConfigureAwait(false);
        await UpdateAsync(store, "b", "mine").ConfigureAwait(false);
        await PullAsync(store, Row("b", 6, "newer")).ConfigureAwait(false);

        using var page = PageOf(Items, Row("a", 1, "made anew"), Row("b", 1, "made anew"));
        await store.ApplyAsync(new ApplyBatch(Items, [page], null, 1), CancellationToken.None).ConfigureAwait(false);

        await HoldsAsync(store, "a=mine", "b=mine").ConfigureAwait(false);
        var changes = await ListAsync(store).ConfigureAwait(false);
        await store.DiscardChangesAsync(Items, [.. changes.Where(static change => change.State == ChangeState.Waiting).Select(static change => change.Id)], CancellationToken.None).ConfigureAwait(false);
        await HoldsAsync(store, "a=mine", "b=made anew").ConfigureAwait(false);
        await store.RetryChangesAsync(Items, null, CancellationToken.None).ConfigureAwait(false);
        Expect.Equal("Update id=a base 1 row title=mine", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task Pull_RowInFlight_IsNotOverwritten()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        var taken = await TakeAsync(store).ConfigureAwait(false);

        await PullAsync(store, Row("a", 2, "theirs")).ConfigureAwait(false);

        await HoldsAsync(store, "a=mine").ConfigureAwait(false);
        Expect.Equal(Identify(taken), Identify(await TakeAsync(store).ConfigureAwait(false)), "the change");
    }

    public async Task Pull_RowDeletedHere_DoesNotComeBack()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await DeleteAsync(store, "a").ConfigureAwait(false);

        await PullAsync(store, Row("a", 2, "theirs")).ConfigureAwait(false);

        await HoldsAsync(store).ConfigureAwait(false);
        Expect.Equal("Delete id=a base 1 row -", (await TakeOneAsync(store, ChangePart.Deletes).ConfigureAwait(false)).Text, "the change");
    }

    public async Task Pull_RowInsertedHereToo_IsNotOverwritten()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await InsertAsync(store, "a", "mine").ConfigureAwait(false);

        await PullAsync(store, Row("a", 5, "theirs")).ConfigureAwait(false);

        await HoldsAsync(store, "a=mine").ConfigureAwait(false);
        await CountsAsync(store, 1, 0).ConfigureAwait(false);
    }

    public async Task Pull_DeletionOfARowWithAChange_KeepsTheRow()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);

        await PullAsync(store, Row("a", 2, "old", isDeleted: true)).ConfigureAwait(false);

        await HoldsAsync(store, "a=mine").ConfigureAwait(false);
        await CountsAsync(store, 1, 0).ConfigureAwait(false);
    }

    public async Task Pull_EditTakenBack_TakesThePulledRow()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        await PullAsync(store, Row("a", 2, "theirs")).ConfigureAwait(false);

        await UpdateAsync(store, "a", "old").ConfigureAwait(false);

        await NothingIsLeftAsync(store).ConfigureAwait(false);
        await HoldsAsync(store, "a=theirs").ConfigureAwait(false);
    }

    public async Task Pull_InsertTakenBack_TakesThePulledRow()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await InsertAsync(store, "a", "mine").ConfigureAwait(false);
        await PullAsync(store, Row("a", 2, "theirs")).ConfigureAwait(false);

        await DeleteAsync(store, "a").ConfigureAwait(false);

        await TakeAsync(store).ConfigureAwait(false);
        await TakeAsync(store, Request(ChangePart.Deletes)).ConfigureAwait(false);
        var rows = await ReadRowsAsync(store, Items).ConfigureAwait(false);
        var changes = await ListAsync(store).ConfigureAwait(false);
        Expect.That(rows.Count == 1 || changes.Count == 1, "the server's row is not lost: it is here, or its deletion is on its way");
    }

    public async Task Pull_QuarantinedRow_BecomesItsBase()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        await RejectAsync(store, await TakeOneAsync(store).ConfigureAwait(false)).ConfigureAwait(false);

        await PullAsync(store, Row("a", 2, "theirs")).ConfigureAwait(false);

        await HoldsAsync(store, "a=mine").ConfigureAwait(false);
        await store.RetryChangesAsync(Items, null, CancellationToken.None).ConfigureAwait(false);
        Expect.Equal("Update id=a base 2 row title=mine", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task Pull_QuarantinedInsert_IsKeptBesideIt()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await InsertAsync(store, "a", "mine").ConfigureAwait(false);
        await RejectAsync(store, await TakeOneAsync(store).ConfigureAwait(false)).ConfigureAwait(false);

        await PullAsync(store, Row("a", 1, "theirs", note: "theirs too")).ConfigureAwait(false);

        await HoldsAsync(store, "a=mine").ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine still").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        Expect.Equal("Insert id=a base  row id=a,title=mine still", taken.Text, "the change");
        await RejectAsync(store, taken).ConfigureAwait(false);
        await DeleteAsync(store, "a").ConfigureAwait(false);
        Expect.Equal(0, (await TakeAsync(store).ConfigureAwait(false)).Count, "the number of changes handed out");
        await HoldsAsync(store, "a=theirs").ConfigureAwait(false);
        await NothingIsLeftAsync(store).ConfigureAwait(false);
    }

    public async Task Pull_QuarantinedRow_OtherColumnsAreTheServers()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "bad").ConfigureAwait(false);
        await RejectAsync(store, await TakeOneAsync(store).ConfigureAwait(false)).ConfigureAwait(false);

        await PullAsync(store, Row("a", 2, "theirs", note: "theirs too")).ConfigureAwait(false);
        await store.RetryChangesAsync(Items, null, CancellationToken.None).ConfigureAwait(false);

        Expect.Equal("Update id=a base 2 row title=bad", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task Pull_BeforeARejection_BecomesTheBaseOfTheQuarantine()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await PullAsync(store, Row("a", 2, "theirs")).ConfigureAwait(false);

        await RejectAsync(store, taken).ConfigureAwait(false);

        await store.RetryChangesAsync(Items, null, CancellationToken.None).ConfigureAwait(false);
        Expect.Equal("Update id=a base 2 row title=mine", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task Pull_OldRowAgain_ChangesNothing()
    {
        var store = await OpenPreparedAsync(Row("a", 2, "known")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);

        await PullAsync(store, Row("a", 1, "older"), Row("a", 2, "known")).ConfigureAwait(false);

        await DiscardAsync(store).ConfigureAwait(false);
        await HoldsAsync(store, "a=known").ConfigureAwait(false);
    }

    public async Task Pull_OfTheEnginesOwn_RecordsNoChange()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "one")).ConfigureAwait(false);
        await PullAsync(store, Row("a", 2, "two"), Row("b", 1, "b")).ConfigureAwait(false);
        await PullAsync(store, Row("b", 2, "b", isDeleted: true)).ConfigureAwait(false);

        await NothingIsLeftAsync(store).ConfigureAwait(false);
    }

    public async Task Swap_RowsWithAChange_StayAndDoNotCountForTheGuard()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a"), Row("b", 1, "b")).ConfigureAwait(false);
        await InsertAsync(store, "new", "mine").ConfigureAwait(false);
        await UpdateAsync(store, "a", "edited").ConfigureAwait(false);
        await ApplyAsync(store, Items, static batch => batch with { Generation = 1 }, Row("b", 1, "b")).ConfigureAwait(false);

        var result = await store.SwapGenerationAsync(new GenerationSwap(Items, 1, 0, null), CancellationToken.None).ConfigureAwait(false);

        Expect.Equal((false, 0L), (result.Refused, result.Removed), "the swap");
        await HoldsAsync(store, "a=edited", "b=b", "new=mine").ConfigureAwait(false);
        await CountsAsync(store, 2, 0).ConfigureAwait(false);
        await DiscardAsync(store).ConfigureAwait(false);
        await HoldsAsync(store, "b=b").ConfigureAwait(false);
    }

    public async Task Tombstone_LowerRow_IsRemoved()
    {
        var (store, items, tombstones) = await OpenSequencedAsync().ConfigureAwait(false);

        var result = await BuryAsync(store, tombstones, "a", 11).ConfigureAwait(false);

        Expect.Equal(new ApplyResult(0, 0, 1), result, "the counts");
        Expect.Equal(0, (await ReadRowsAsync(store, items).ConfigureAwait(false)).Count, "the number of rows");
    }

    public async Task Tombstone_OfTheRowsOwnSequenceOrLower_KeepsTheRow()
    {
        var (store, items, tombstones) = await OpenSequencedAsync().ConfigureAwait(false);

        var equal = await BuryAsync(store, tombstones, "a", 10).ConfigureAwait(false);
        var lower = await BuryAsync(store, tombstones, "a", 9).ConfigureAwait(false);
        var absent = await BuryAsync(store, tombstones, "x", 99).ConfigureAwait(false);

        Expect.Equal(new ApplyResult(0, 1, 0), equal, "the counts of a tombstone of the row's own sequence");
        Expect.Equal(new ApplyResult(0, 1, 0), lower, "the counts of an older tombstone");
        Expect.Equal(new ApplyResult(0, 1, 0), absent, "the counts of a tombstone without a row");
        Expect.Equal(1, (await ReadRowsAsync(store, items).ConfigureAwait(false)).Count, "the number of rows");
    }

    public async Task Tombstone_RowWithoutASequence_IsRemoved()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "one")).ConfigureAwait(false);
        var items = Items.Sequenced();
        await store.PrepareAsync(items, CancellationToken.None).ConfigureAwait(false);

        var result = await BuryAsync(store, items.Tombstones("agent_sync", "items"), "a", 1).ConfigureAwait(false);

        Expect.Equal(new ApplyResult(0, 0, 1), result, "the counts");
        await HoldsAsync(store).ConfigureAwait(false);
    }

    public async Task Tombstone_RowWithAChange_Stays()
    {
        var (store, items, tombstones) = await OpenSequencedAsync().ConfigureAwait(false);
        await UpdateAsync(store, items, "a", Title("mine")).ConfigureAwait(false);

        await BuryAsync(store, tombstones, "a", 11).ConfigureAwait(false);

        await HoldsAsync(store, "a=mine").ConfigureAwait(false);
        var taken = await TakeAsync(store, Request(dataset: items)).ConfigureAwait(false);
        Expect.Equal("Update id=a base 10 row title=mine", string.Join("; ", taken), "the change");
        await SettleAsync(store, taken[0], SettlementKind.Return).ConfigureAwait(false);
        await DiscardAsync(store).ConfigureAwait(false);
        await HoldsAsync(store).ConfigureAwait(false);
    }

    private static Task<ApplyResult> BuryAsync(IChangeStore store, Dataset tombstones, string id, long sequence) => ApplyAsync(
        store,
        tombstones,
        static batch => batch with { AreTombstones = true },
        string.Create(CultureInfo.InvariantCulture, $$"""{"id":"{{id}}","sync_seq":{{sequence}}}"""));

    private async Task<(IChangeStore Store, Dataset Items, Dataset Tombstones)> OpenSequencedAsync()
    {
        var items = Items.Sequenced();
        var store = await OpenAsync().ConfigureAwait(false);
        await store.PrepareAsync(items, CancellationToken.None).ConfigureAwait(false);
        await ApplyAsync(store, items, static batch => batch, Row("a", 1, "one").Replace("{", "{\"sync_seq\":10,", StringComparison.Ordinal)).ConfigureAwait(false);
        return (store, items, items.Tombstones("agent_sync", "items"));
    }
}
