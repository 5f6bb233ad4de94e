using Agent.Sync.Stores;
using Agent.Sync.Testing.Conformance;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing;

public abstract partial class ChangeStoreConformance
{
    public async Task Acknowledge_Insert_TakesTheServersRow()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await InsertAsync(store, "a", "mine").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.Acknowledge, Row("a", 1, "as stored")).ConfigureAwait(false);

        await HoldsAsync(store, "a=as stored").ConfigureAwait(false);
        await NothingIsLeftAsync(store).ConfigureAwait(false);
        await UpdateAsync(store, "a", "next").ConfigureAwait(false);
        Expect.Equal("Update id=a base 1 row title=next", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the next change");
    }

    public async Task Acknowledge_UuidInAnySpelling_LeavesOneRow()
    {
        const string Lower = "0f8fad5b-d9cb-469f-a165-70867728950e";
        const string Upper = "7C9E6679-7425-40DE-944B-E07FC1F90AE7";
        var dataset = Dataset.Define("keyed").Key("id", ColumnType.Uuid).Column("title", ColumnType.Text).UpdatedAt("updated_at").Version("version").Build();
        var store = await OpenAsync().ConfigureAwait(false);
        await store.PrepareAsync(dataset, CancellationToken.None).ConfigureAwait(false);
        await InsertAsync(store, dataset, new Dictionary<string, string?> { ["id"] = Lower, ["title"] = "one" }).ConfigureAwait(false);
        await InsertAsync(store, dataset, new Dictionary<string, string?> { ["id"] = Upper, ["title"] = "two" }).ConfigureAwait(false);

        using var taken = await store.TakeAsync(new TakeRequest(dataset, ChangePart.Writes, 0, 10, 100_000, WholeRows: false, Lease: null), CancellationToken.None).ConfigureAwait(false);
        using var server = PageOf(dataset, KeyedRow(Lower, "one"), KeyedRow(Guid.Parse(Upper).ToString(), "two"));
        var settlements = taken.Changes.ToArray().Select((change, row) => new Settlement(change.Id, change.OperationId, SettlementKind.Acknowledge, server, row)).ToList();
        await store.SettleAsync(new SettlementBatch(dataset, settlements, Noon, Lease: null), CancellationToken.None).ConfigureAwait(false);
        await store.ApplyAsync(new ApplyBatch(dataset, [server], null, null), CancellationToken.None).ConfigureAwait(false);

        var rows = await ReadRowsAsync(store, dataset).ConfigureAwait(false);
        Expect.Equal("one 1,two 1", string.Join(',', rows.Select(static row => $"{row["title"]} {row["version"]}").Order(StringComparer.Ordinal)), "the rows");
        Expect.Equal(new ChangeCounts(0, 0), await store.CountChangesAsync(dataset, CancellationToken.None).ConfigureAwait(false), "the changes left");

        static string KeyedRow(string id, string title) => $$"""{"id":"{{id}}","title":"{{title}}","updated_at":"2026-01-01T00:00:00+00:00","version":1}""";
    }

    public async Task Acknowledge_WithoutARow_KeepsTheLocalValues()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.Acknowledge).ConfigureAwait(false);

        await HoldsAsync(store, "a=mine").ConfigureAwait(false);
        await NothingIsLeftAsync(store).ConfigureAwait(false);
    }

    public async Task Acknowledge_Delete_LeavesNothing()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await DeleteAsync(store, "a").ConfigureAwait(false);
        var taken = await TakeOneAsync(store, ChangePart.Deletes).ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.Acknowledge).ConfigureAwait(false);

        await HoldsAsync(store).ConfigureAwait(false);
        await NothingIsLeftAsync(store).ConfigureAwait(false);
    }

    public async Task Acknowledge_EditBehind_KeepsItsValuesOnTheServersBase()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "first").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await UpdateAsync(store, "a", "second").ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.Acknowledge, Row("a", 2, "first")).ConfigureAwait(false);

        await HoldsAsync(store, "a=second").ConfigureAwait(false);
        var next = await TakeOneAsync(store).ConfigureAwait(false);
        Expect.Equal("Update id=a base 2 row title=second", next.Text, "the change behind");
        Expect.That(next.OperationId != taken.OperationId, "the change behind has an operation id of its own");
    }

    public async Task Acknowledge_EditBehind_OtherColumnsAreTheServers()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "first").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await UpdateAsync(store, "a", "second").ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.Acknowledge, Row("a", 2, "first", note: "of a trigger")).ConfigureAwait(false);

        Expect.Equal("Update id=a base 2 row title=second", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task Acknowledge_InsertDeletedBehind_BecomesADelete()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await InsertAsync(store, "a", "mine").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await DeleteAsync(store, "a").ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.Acknowledge, Row("a", 1, "mine")).ConfigureAwait(false);

        await HoldsAsync(store).ConfigureAwait(false);
        Expect.Equal("Delete id=a base 1 row -", (await TakeOneAsync(store, ChangePart.Deletes).ConfigureAwait(false)).Text, "the change behind");
    }

    public async Task Acknowledge_DeleteInsertedBehind_BecomesAnInsert()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await DeleteAsync(store, "a").ConfigureAwait(false);
        var taken = await TakeOneAsync(store, ChangePart.Deletes).ConfigureAwait(false);
        await InsertAsync(store, "a", "back").ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.Acknowledge).ConfigureAwait(false);

        await HoldsAsync(store, "a=back").ConfigureAwait(false);
        Expect.Equal("Insert id=a base  row id=a,title=back", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change behind");
    }

    public async Task TakeServer_Row_ReplacesTheLocalOne()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.TakeServer, Row("a", 2, "theirs")).ConfigureAwait(false);

        await HoldsAsync(store, "a=theirs").ConfigureAwait(false);
        await NothingIsLeftAsync(store).ConfigureAwait(false);
    }

    public async Task TakeServer_NoRow_RemovesTheLocalOne()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.TakeServer).ConfigureAwait(false);

        await HoldsAsync(store).ConfigureAwait(false);
        await NothingIsLeftAsync(store).ConfigureAwait(false);
    }

    public async Task TakeServer_OfADelete_BringsTheRowBack()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await DeleteAsync(store, "a").ConfigureAwait(false);
        var taken = await TakeOneAsync(store, ChangePart.Deletes).ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.TakeServer, Row("a", 2, "theirs")).ConfigureAwait(false);

        await HoldsAsync(store, "a=theirs").ConfigureAwait(false);
        await NothingIsLeftAsync(store).ConfigureAwait(false);
    }

    public async Task TakeServer_EditBehind_OtherColumnsAreTheServers()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "first").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await UpdateAsync(store, "a", "second").ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.TakeServer, Row("a", 2, "theirs", note: "theirs too")).ConfigureAwait(false);

        Expect.Equal("Update id=a base 2 row title=second", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task TakeServer_EditBehind_KeepsItsValues()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "first").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await UpdateAsync(store, "a", "second").ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.TakeServer, Row("a", 2, "theirs")).ConfigureAwait(false);

        await HoldsAsync(store, "a=second").ConfigureAwait(false);
        Expect.Equal("Update id=a base 2 row title=second", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change behind");
    }

    public async Task Reject_Always_GoesToQuarantine()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);

        await RejectAsync(store, await TakeOneAsync(store).ConfigureAwait(false), "23514", "items_title_check").ConfigureAwait(false);

        await HoldsAsync(store, "a=mine").ConfigureAwait(false);
        await CountsAsync(store, 0, 1).ConfigureAwait(false);
        Expect.Equal(0, (await TakeAsync(store).ConfigureAwait(false)).Count, "the number of changes handed out");
        var listed = (await ListAsync(await OpenPreparedAsync().ConfigureAwait(false), ChangeState.Quarantined).ConfigureAwait(false)).Single();
        Expect.Equal(("23514", "items_title_check", ChangeKind.Update, Noon), (listed.Code, listed.Constraint, listed.Kind, listed.RejectedAt), "the listed change");
    }

    public async Task Reject_InsertWithTheServersRow_StaysAnInsertBesideIt()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await InsertAsync(store, "a", "mine").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.Reject, Row("a", 1, "theirs", note: "theirs too"), static settlement => settlement with { Code = ChangeCodes.KeyTaken }).ConfigureAwait(false);

        await HoldsAsync(store, "a=mine").ConfigureAwait(false);
        Expect.Equal((ChangeKind.Insert, ChangeCodes.KeyTaken), (await ListAsync(store, ChangeState.Quarantined).ConfigureAwait(false)).Select(static change => (change.Kind, change.Code)).Single(), "the listed change");
        await store.RetryChangesAsync(Items, null, CancellationToken.None).ConfigureAwait(false);
        taken = await TakeOneAsync(store).ConfigureAwait(false);
        Expect.Equal("Insert id=a base  row id=a,title=mine", taken.Text, "the change");
        await RejectAsync(store, taken, ChangeCodes.KeyTaken).ConfigureAwait(false);
        await store.DiscardChangesAsync(Items, null, CancellationToken.None).ConfigureAwait(false);
        await HoldsAsync(store, "a=theirs").ConfigureAwait(false);
        await NothingIsLeftAsync(store).ConfigureAwait(false);
    }

    public async Task Reject_AfterAPull_OtherColumnsAreTheServers()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "bad").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await PullAsync(store, Row("a", 2, "theirs", note: "theirs too")).ConfigureAwait(false);

        await RejectAsync(store, taken).ConfigureAwait(false);
        await store.RetryChangesAsync(Items, null, CancellationToken.None).ConfigureAwait(false);

        Expect.Equal("Update id=a base 2 row title=bad", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task Reject_EditBehind_SupersedesIt()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "bad").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await UpdateAsync(store, "a", "good").ConfigureAwait(false);

        await RejectAsync(store, taken).ConfigureAwait(false);

        await CountsAsync(store, 1, 0).ConfigureAwait(false);
        var next = await TakeOneAsync(store).ConfigureAwait(false);
        Expect.Equal("Update id=a base 1 row title=good", next.Text, "the change behind");
        Expect.That(next.OperationId != taken.OperationId, "the change behind has an operation id of its own");
    }

    public async Task Return_Always_WaitsAgainAndIsMergedInto()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "first").ConfigureAwait(false);
        await SettleAsync(store, await TakeOneAsync(store).ConfigureAwait(false), SettlementKind.Return).ConfigureAwait(false);

        await UpdateAsync(store, Items, "a", new Dictionary<string, string?> { ["note"] = "second" }).ConfigureAwait(false);

        await CountsAsync(store, 1, 0).ConfigureAwait(false);
        Expect.Equal("Update id=a base 1 row title=first,note=second", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task Return_EditBehind_IsPartOfIt()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await InsertAsync(store, "a", "first").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await UpdateAsync(store, "a", "second").ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.Return).ConfigureAwait(false);

        Expect.Equal("Insert id=a base  row id=a,title=second", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task Settle_Again_DoesNothing()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "first").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await SettleAsync(store, taken, SettlementKind.Acknowledge, Row("a", 2, "first")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "second").ConfigureAwait(false);

        await SettleAsync(store, taken, SettlementKind.TakeServer, Row("a", 2, "first")).ConfigureAwait(false);
        await RejectAsync(store, taken).ConfigureAwait(false);

        await HoldsAsync(store, "a=second").ConfigureAwait(false);
        Expect.Equal("Update id=a base 2 row title=second", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task Settle_TakenAnewSince_DoesNothing()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "first").ConfigureAwait(false);
        var stale = await TakeOneAsync(store).ConfigureAwait(false);
        await SettleAsync(store, stale, SettlementKind.KeepLocal, Row("a", 2, "theirs")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "second").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);

        await SettleAsync(store, stale, SettlementKind.Acknowledge, Row("a", 2, "first")).ConfigureAwait(false);
        await RejectAsync(store, stale).ConfigureAwait(false);

        await HoldsAsync(store, "a=second").ConfigureAwait(false);
        await CountsAsync(store, 1, 0).ConfigureAwait(false);
        Expect.Equal(taken.OperationId, (await TakeOneAsync(store).ConfigureAwait(false)).OperationId, "the operation id of the change in flight");
    }

    public async Task Settle_SeveralAtOnce_SettlesEach()
    {
        var store = await OpenPreparedAsync(Row("b", 1, "old"), Row("c", 1, "old")).ConfigureAwait(false);
        await InsertAsync(store, "a", "new").ConfigureAwait(false);
        await UpdateAsync(store, "b", "bad").ConfigureAwait(false);
        await UpdateAsync(store, "c", "late").ConfigureAwait(false);
        var taken = await TakeAsync(store).ConfigureAwait(false);
        using var page = PageOf(Items, Row("c", 2, "theirs"), Row("a", 1, "stored"));

        await store.SettleAsync(new SettlementBatch(Items, [new Settlement(taken[0].Id, taken[0].OperationId, SettlementKind.Acknowledge, page, 1), new Settlement(taken[1].Id, taken[1].OperationId, SettlementKind.Reject) { Code = "23505" }, new Settlement(taken[2].Id, taken[2].OperationId, SettlementKind.TakeServer, page, 0)], Noon, null), CancellationToken.None).ConfigureAwait(false);

        await HoldsAsync(await OpenPreparedAsync().ConfigureAwait(false), "a=stored", "b=bad", "c=theirs").ConfigureAwait(false);
        await CountsAsync(store, 0, 1).ConfigureAwait(false);
    }

    public async Task Settle_Cancelled_LeavesAllOrNothing()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await InsertAsync(store, "a", "one").ConfigureAwait(false);
        await InsertAsync(store, "b", "two").ConfigureAwait(false);
        var taken = await TakeAsync(store).ConfigureAwait(false);
        Settlement[] settlements = [.. taken.Select(static change => new Settlement(change.Id, change.OperationId, SettlementKind.Acknowledge))];

        await Expect.MayBeCancelledAsync(token => store.SettleAsync(new SettlementBatch(Items, settlements, Noon, null), token)).ConfigureAwait(false);

        var left = (await store.CountChangesAsync(Items, CancellationToken.None).ConfigureAwait(false)).Waiting;
        Expect.That(left is 0 or 2, "a cancelled settling leaves all or nothing");
    }
}
