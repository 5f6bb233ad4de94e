using Agent.Sync.Stores;
using Agent.Sync.Testing.Conformance;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing;

public abstract partial class ChangeStoreConformance
{
    public async Task Take_SeveralChanges_ComeInQueueOrderWithRisingNumbers()
    {
        var store = await OpenPreparedAsync(Row("b", 1, "old")).ConfigureAwait(false);
        await InsertAsync(store, "c", "one").ConfigureAwait(false);
        await UpdateAsync(store, "b", "two").ConfigureAwait(false);
        await InsertAsync(store, "a", "three").ConfigureAwait(false);

        var taken = await TakeAsync(store).ConfigureAwait(false);

        Expect.Equal("c,b,a", string.Join(',', taken.Select(static change => change.Key)), "the order");
        Expect.That(taken[0].Id < taken[1].Id && taken[1].Id < taken[2].Id, "the numbers rise in queue order");
        Expect.Equal(3, taken.Select(static change => change.OperationId).Distinct().Count(), "the number of operation ids");
    }

    public async Task Take_AfterAChange_GoesOnBehindIt()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await InsertAsync(store, "a", "one").ConfigureAwait(false);
        await InsertAsync(store, "b", "two").ConfigureAwait(false);
        await InsertAsync(store, "c", "three").ConfigureAwait(false);

        var first = await TakeAsync(store, Request() with { MaxChanges = 2 }).ConfigureAwait(false);
        var second = await TakeAsync(store, Request() with { After = first[^1].Id }).ConfigureAwait(false);
        var none = await TakeAsync(store, Request() with { After = second[^1].Id }).ConfigureAwait(false);

        Expect.Equal("a,b", string.Join(',', first.Select(static change => change.Key)), "the first changes");
        Expect.Equal("c", string.Join(',', second.Select(static change => change.Key)), "the changes behind them");
        Expect.Equal(0, none.Count, "the number of changes after the last");
    }

    public async Task Take_MaxBytes_EndsBeforeTheChangeThatPassesThem()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await InsertAsync(store, "a", new string('x', 300)).ConfigureAwait(false);
        await InsertAsync(store, "b", new string('x', 300)).ConfigureAwait(false);
        await InsertAsync(store, "c", new string('x', 300)).ConfigureAwait(false);

        var one = await TakeAsync(store, Request() with { MaxBytes = 1 }).ConfigureAwait(false);
        var two = await TakeAsync(store, Request() with { MaxBytes = 800 }).ConfigureAwait(false);

        Expect.Equal(1, one.Count, "the number of changes under a bound that none fits");
        Expect.Equal(2, two.Count, "the number of changes under a bound that two fit");
    }

    public async Task Take_OnePart_LeavesTheOther()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old"), Row("b", 1, "old")).ConfigureAwait(false);
        await DeleteAsync(store, "a").ConfigureAwait(false);
        await UpdateAsync(store, "b", "new").ConfigureAwait(false);

        var writes = await TakeAsync(store, Request(ChangePart.Writes)).ConfigureAwait(false);
        var deletes = await TakeAsync(store, Request(ChangePart.Deletes)).ConfigureAwait(false);

        Expect.Equal("Update id=b base 1 row title=new", string.Join("; ", writes), "the writes");
        Expect.Equal("Delete id=a base 1 row -", string.Join("; ", deletes), "the deletes");
    }

    public async Task Take_Again_HandsOutTheSameChanges()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "new").ConfigureAwait(false);
        await InsertAsync(store, "b", "new").ConfigureAwait(false);
        var first = await TakeAsync(store).ConfigureAwait(false);

        var again = await TakeAsync(await OpenPreparedAsync().ConfigureAwait(false)).ConfigureAwait(false);

        Expect.Equal(Identify(first), Identify(again), "the changes");
    }

    public async Task Take_EditedInFlight_HandsOutTheFrozenContent()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "sent").ConfigureAwait(false);
        await InsertAsync(store, "b", "sent").ConfigureAwait(false);
        var first = await TakeAsync(store).ConfigureAwait(false);
        await UpdateAsync(store, "a", "later").ConfigureAwait(false);
        await DeleteAsync(store, "b").ConfigureAwait(false);

        var again = await TakeAsync(await OpenPreparedAsync().ConfigureAwait(false)).ConfigureAwait(false);

        Expect.Equal(Identify(first), Identify(again), "the changes");
        Expect.Equal(0, (await TakeAsync(store, Request(ChangePart.Deletes)).ConfigureAwait(false)).Count, "the deletes before the insert in flight is settled");
        await HoldsAsync(store, "a=later").ConfigureAwait(false);
    }

    public async Task Take_DeletedAndInsertedInFlight_HandsOutTheFrozenContent()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await DeleteAsync(store, "a").ConfigureAwait(false);
        var first = await TakeAsync(store, Request(ChangePart.Deletes)).ConfigureAwait(false);
        await InsertAsync(store, "a", "back").ConfigureAwait(false);

        var again = await TakeAsync(store, Request(ChangePart.Deletes)).ConfigureAwait(false);

        Expect.Equal(Identify(first), Identify(again), "the changes");
        Expect.Equal(0, (await TakeAsync(store).ConfigureAwait(false)).Count, "the writes before the delete in flight is settled");
    }

    public async Task Take_WholeRows_CarriesEveryColumnWithItsNulls()
    {
        var store = await OpenPreparedAsync(Row("a", 4, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "new").ConfigureAwait(false);

        var taken = await TakeAsync(store, Request() with { WholeRows = true }).ConfigureAwait(false);

        Expect.Equal("Update id=a base 4 row id=a,title=new,note=null,deleted_at=null", string.Join("; ", taken), "the change");
    }

    public async Task Take_SameColumns_ShareOneListObject()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old"), Row("b", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "new").ConfigureAwait(false);
        await UpdateAsync(store, "b", "new").ConfigureAwait(false);

        var taken = await TakeAsync(store).ConfigureAwait(false);

        Expect.That(ReferenceEquals(taken[0].ListObject, taken[1].ListObject), "changes with the same columns share one list object");
    }

    public async Task Take_Cancelled_FreezesAllOrNothing()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await InsertAsync(store, "a", "one").ConfigureAwait(false);
        await InsertAsync(store, "b", "two").ConfigureAwait(false);

        await Expect.MayBeCancelledAsync(async token => (await store.TakeAsync(Request(), token).ConfigureAwait(false)).Dispose()).ConfigureAwait(false);

        Expect.Equal(2, (await TakeAsync(store).ConfigureAwait(false)).Count, "the number of changes");
        var flying = (await ListAsync(store, ChangeState.InFlight).ConfigureAwait(false)).Count;
        Expect.Equal(2, flying, "the number of changes in flight");
    }

    private static string Identify(IReadOnlyList<TakenChange> changes) =>
        string.Join("; ", changes.Select(static change => $"{change.Id} {change.OperationId} {change.Text}"));
}
