using System.Text;
using Agent.Sync.Stores;
using Agent.Sync.Testing.Conformance;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing;

public abstract partial class ChangeStoreConformance
{
    public async Task List_ByStateAndNumber_FindsThem()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a"), Row("b", 1, "b")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "rejected").ConfigureAwait(false);
        await RejectAsync(store, await TakeOneAsync(store).ConfigureAwait(false)).ConfigureAwait(false);
        await InsertAsync(store, "c", "flying").ConfigureAwait(false);
        await TakeOneAsync(store).ConfigureAwait(false);
        await DeleteAsync(store, "b").ConfigureAwait(false);

        var all = await ListAsync(store).ConfigureAwait(false);
        var rest = await ListAsync(store, after: all[0].Id, limit: 1).ConfigureAwait(false);

        Expect.Equal("Quarantined Update, InFlight Insert, Waiting Delete", string.Join(", ", all.Select(static change => $"{change.State} {change.Kind}")), "the list");
        Expect.Equal(all[1].Id, rest.Single().Id, "the change after the first");
        foreach (var state in Enum.GetValues<ChangeState>())
        {
            Expect.Equal(all.Single(change => change.State == state), (await ListAsync(store, state).ConfigureAwait(false)).Single(), $"the changes that are {state}");
        }
    }

    public async Task Retry_Quarantined_IsSentUnderANewOperationId()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await RejectAsync(store, taken).ConfigureAwait(false);
        var listed = (await ListAsync(store, ChangeState.Quarantined).ConfigureAwait(false)).Single();

        var count = await store.RetryChangesAsync(Items, [listed.Id], CancellationToken.None).ConfigureAwait(false);

        Expect.Equal(1, count, "the number of changes that wait again");
        await CountsAsync(store, 1, 0).ConfigureAwait(false);
        var next = await TakeOneAsync(store).ConfigureAwait(false);
        Expect.Equal(taken.Text, next.Text, "the change");
        Expect.That(next.OperationId != taken.OperationId, "the operation id is new");
    }

    public async Task Retry_NotQuarantined_IsIgnored()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await InsertAsync(store, "a", "waiting").ConfigureAwait(false);
        var waiting = (await ListAsync(store).ConfigureAwait(false)).Single();

        Expect.Equal(0, await store.RetryChangesAsync(Items, [waiting.Id, 12345], CancellationToken.None).ConfigureAwait(false), "the number of changes");
        Expect.Equal(0, await store.RetryChangesAsync(Items, null, CancellationToken.None).ConfigureAwait(false), "the number of changes");
    }

    public async Task Edit_OfAQuarantinedRow_SupersedesIt()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "bad").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await RejectAsync(store, taken).ConfigureAwait(false);

        await UpdateAsync(store, "a", "good").ConfigureAwait(false);

        await CountsAsync(store, 1, 0).ConfigureAwait(false);
        var next = await TakeOneAsync(store).ConfigureAwait(false);
        Expect.Equal("Update id=a base 1 row title=good", next.Text, "the change");
        Expect.That(next.OperationId != taken.OperationId, "the operation id is new");
    }

    public async Task Discard_Waiting_RestoresTheServersRow()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a"), Row("b", 1, "b")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "edited").ConfigureAwait(false);
        await DeleteAsync(store, "b").ConfigureAwait(false);
        await InsertAsync(store, "c", "new").ConfigureAwait(false);

        var count = await DiscardAsync(store).ConfigureAwait(false);

        Expect.Equal(3, count, "the number of discarded changes");
        await HoldsAsync(store, "a=a", "b=b").ConfigureAwait(false);
        await NothingIsLeftAsync(store).ConfigureAwait(false);
    }

    public async Task Discard_AfterAPull_RestoresThePulledRow()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a"), Row("b", 1, "b")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "edited").ConfigureAwait(false);
        await UpdateAsync(store, "b", "edited").ConfigureAwait(false);
        await PullAsync(store, Row("a", 2, "theirs"), Row("b", 2, "b", isDeleted: true)).ConfigureAwait(false);

        await DiscardAsync(store).ConfigureAwait(false);

        await HoldsAsync(store, "a=theirs").ConfigureAwait(false);
    }

    public async Task Discard_None_MeansTheQuarantinedOnes()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "bad").ConfigureAwait(false);
        await RejectAsync(store, await TakeOneAsync(store).ConfigureAwait(false)).ConfigureAwait(false);
        await InsertAsync(store, "b", "waiting").ConfigureAwait(false);

        var count = await store.DiscardChangesAsync(Items, null, CancellationToken.None).ConfigureAwait(false);

        Expect.Equal(1, count, "the number of discarded changes");
        await HoldsAsync(store, "a=a", "b=waiting").ConfigureAwait(false);
        await CountsAsync(store, 1, 0).ConfigureAwait(false);
    }

    public async Task Discard_BetweenRunsWithTheKit_KeepsTheRowsSequence()
    {
        var (store, items, _) = await OpenSequencedAsync().ConfigureAwait(false);
        await DeleteAsync(store, "a").ConfigureAwait(false);

        // Between runs nothing tells that the kit is in use: the dataset is as the app declares it.
        await store.PrepareAsync(Items, CancellationToken.None).ConfigureAwait(false);
        await DiscardAsync(store).ConfigureAwait(false);

        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        await store.PrepareAsync(items, CancellationToken.None).ConfigureAwait(false);
        Expect.Equal("Update id=a base 10 row title=mine", string.Join("; ", await TakeAsync(store, Request(dataset: items)).ConfigureAwait(false)), "the change");
    }

    public async Task Discard_InFlight_IsNotDiscarded()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "flying").ConfigureAwait(false);
        var taken = await TakeAsync(store).ConfigureAwait(false);

        Expect.Equal(0, await DiscardAsync(store).ConfigureAwait(false), "the number of discarded changes");

        await HoldsAsync(store, "a=flying").ConfigureAwait(false);
        Expect.Equal(Identify(taken), Identify(await TakeAsync(store).ConfigureAwait(false)), "the change");
    }

    public async Task Images_OfAChangeInFlight_AreBaseAndLocal()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "sent").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await UpdateAsync(store, "a", "later").ConfigureAwait(false);

        var (before, after) = await ImagesAsync(store, taken).ConfigureAwait(false);

        Expect.Equal(("old", "sent"), (before, after), "the titles before and after");
    }

    public async Task Images_OfAnInsertOrADelete_LackOneSide()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await InsertAsync(store, "b", "new").ConfigureAwait(false);
        await DeleteAsync(store, "a").ConfigureAwait(false);

        Expect.Equal(((string?)null, "new"), await ImagesAsync(store, await TakeOneAsync(store).ConfigureAwait(false)).ConfigureAwait(false), "the titles of the insert");
        Expect.Equal(("old", (string?)null), await ImagesAsync(store, await TakeOneAsync(store, ChangePart.Deletes).ConfigureAwait(false)).ConfigureAwait(false), "the titles of the delete");
    }

    public async Task Images_OfARejectedChange_AreTheServersRowAndTheLocalOne()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        await RejectAsync(store, taken).ConfigureAwait(false);
        await PullAsync(store, Row("a", 2, "theirs")).ConfigureAwait(false);

        Expect.Equal(("theirs", "mine"), await ImagesAsync(store, taken).ConfigureAwait(false), "the server's title and the local one");
    }

    public async Task Images_OfAChangeThatIsGone_Fail()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "mine").ConfigureAwait(false);
        var changes = await ListAsync(store).ConfigureAwait(false);
        await DiscardAsync(store).ConfigureAwait(false);

        await Expect.FailsAsync(
            SyncErrorKind.StoreFailed, async () => await store.ReadRowsAsync(Items, changes[0].Id, CancellationToken.None).ConfigureAwait(false), "reading a change that was discarded").ConfigureAwait(false);
    }

    private static async Task<int> DiscardAsync(IChangeStore store)
    {
        var changes = await ListAsync(store).ConfigureAwait(false);
        return await store.DiscardChangesAsync(Items, [.. changes.Select(static change => change.Id)], CancellationToken.None).ConfigureAwait(false);
    }

    private static async Task<(string? Before, string? After)> ImagesAsync(IChangeStore store, TakenChange change)
    {
        var images = await store.ReadRowsAsync(Items, change.Id, CancellationToken.None).ConfigureAwait(false);
        return (TitleOf(images.Server), TitleOf(images.Local));
    }

    private static string? TitleOf(ReadOnlyMemory<byte> row)
    {
        if (row.IsEmpty)
        {
            return null;
        }

        // The engine parses an image as a page, so it must have every column.
        using var page = Page.Parse(Items, [.. "["u8, .. row.Span, .. "]"u8]);
        return Encoding.UTF8.GetString(page.GetCell(0, 1).Utf8);
    }
}
