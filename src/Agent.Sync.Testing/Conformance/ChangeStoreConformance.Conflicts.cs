using Agent.Sync.Stores;
using Agent.Sync.Testing.Conformance;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing;

public abstract partial class ChangeStoreConformance
{
    public async Task KeepLocal_Row_BecomesTheBase()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.KeepLocal, Row("a", 2, "theirs")).ConfigureAwait(false);

        await HoldsAsync(store, "a=mine").ConfigureAwait(false);
        var next = await TakeOneAsync(store).ConfigureAwait(false);
        Expect.Equal("Update id=a base 2 row title=mine", next.Text, "the change");
        Expect.That(next.OperationId != taken.OperationId, "the change waits under a new operation id");
    }

    public async Task KeepLocal_NoRow_MakesAnInsert()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.KeepLocal).ConfigureAwait(false);

        Expect.Equal("Insert id=a base  row id=a,title=mine", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task KeepLocal_OfADelete_IsSentAgainOnTheServersVersion()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await DeleteAsync(store, "a").ConfigureAwait(false);
        var taken = await TakeOneAsync(store, ChangePart.Deletes).ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.KeepLocal, Row("a", 2, "theirs")).ConfigureAwait(false);

        await HoldsAsync(store).ConfigureAwait(false);
        Expect.Equal("Delete id=a base 2 row -", (await TakeOneAsync(store, ChangePart.Deletes).ConfigureAwait(false)).Text, "the change");
    }

    public async Task KeepLocal_EditBehind_IsPartOfIt()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "first").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await UpdateAsync(store, Items, "a", new Dictionary<string, string?> { ["note"] = "second" }).ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.KeepLocal, Row("a", 2, "theirs")).ConfigureAwait(false);

        Expect.Equal("Update id=a base 2 row title=first,note=second", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task TakeMerged_Row_ReplacesTheLocalOneAndIsSent()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);

        await MergeAsync(store, taken, Row("a", 2, "theirs"), Row("a", 2, "both")).ConfigureAwait(false);

        await HoldsAsync(store, "a=both").ConfigureAwait(false);
        Expect.Equal("Update id=a base 2 row title=both", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task TakeMerged_NoRow_DeletesOnBothSides()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);

        await MergeAsync(store, taken, Row("a", 2, "theirs"), null).ConfigureAwait(false);

        await HoldsAsync(store).ConfigureAwait(false);
        Expect.Equal("Delete id=a base 2 row -", (await TakeOneAsync(store, ChangePart.Deletes).ConfigureAwait(false)).Text, "the change");
    }

    public async Task TakeMerged_OverADeletedRow_BringsItBack()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await InsertAsync(store, "a", "mine").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);

        await MergeAsync(store, taken, Row("a", 2, "old", isDeleted: true), Row("a", 2, "mine")).ConfigureAwait(false);

        await HoldsAsync(store, "a=mine").ConfigureAwait(false);
        Expect.Equal("Update id=a base 2 row title=mine,deleted_at=null", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task TakeMerged_EditBehind_KeepsTheColumnsItChanged()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await InsertAsync(store, "a", "first").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await UpdateAsync(store, "a", "second").ConfigureAwait(false);
        var theirs = Row("a", 2, "theirs").Replace("\"note\":null", "\"note\":\"theirs\"", StringComparison.Ordinal);

        await MergeAsync(store, taken, theirs, theirs).ConfigureAwait(false);

        await HoldsAsync(store, "a=second").ConfigureAwait(false);
        var rows = await ReadRowsAsync(store, Items).ConfigureAwait(false);
        Expect.Equal("theirs", rows[0]["note"], "the column that was not edited");
        Expect.Equal("Update id=a base 2 row title=second", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task TakeMerged_DeletedBehind_StaysDeleted()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await DeleteAsync(store, "a").ConfigureAwait(false);

        await MergeAsync(store, taken, Row("a", 2, "theirs"), Row("a", 2, "both")).ConfigureAwait(false);

        await HoldsAsync(store).ConfigureAwait(false);
        Expect.Equal("Delete id=a base 2 row -", (await TakeOneAsync(store, ChangePart.Deletes).ConfigureAwait(false)).Text, "the change");
    }

    public async Task TakeMerged_NoRowEditBehind_KeepsTheRow()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "first").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await UpdateAsync(store, "a", "second").ConfigureAwait(false);

        await MergeAsync(store, taken, Row("a", 2, "theirs"), null).ConfigureAwait(false);

        await HoldsAsync(store, "a=second").ConfigureAwait(false);
        Expect.Equal("Update id=a base 2 row title=second", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task TakeMerged_DeleteInsertedBehind_KeepsWhatWasInserted()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await DeleteAsync(store, "a").ConfigureAwait(false);
        var taken = await TakeOneAsync(store, ChangePart.Deletes).ConfigureAwait(false);
        await InsertAsync(store, "a", "back").ConfigureAwait(false);

        await MergeAsync(store, taken, Row("a", 2, "theirs"), Row("a", 2, "both")).ConfigureAwait(false);

        await HoldsAsync(store, "a=back").ConfigureAwait(false);
        Expect.Equal("Update id=a base 2 row title=back", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    private static async Task MergeAsync(IChangeStore store, TakenChange change, string server, string? merged)
    {
        using var page = merged is null ? null : PageOf(Items, merged);
        await SettleAsync(store, change, SettlementKind.TakeMerged, server, settlement => settlement with { Merged = page }).ConfigureAwait(false);
    }
}
