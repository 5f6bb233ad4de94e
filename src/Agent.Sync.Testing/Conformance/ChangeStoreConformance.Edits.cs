using Agent.Sync.Stores;
using Agent.Sync.Testing.Conformance;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing;

public abstract partial class ChangeStoreConformance
{
    public async Task Edits_None_HaveNoChanges()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "one")).ConfigureAwait(false);

        await NothingIsLeftAsync(store).ConfigureAwait(false);
        Expect.Equal(0, (await ListAsync(store).ConfigureAwait(false)).Count, "the number of listed changes");
    }

    public async Task Edit_Insert_CarriesEveryValueThatIsNotNull()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);

        await InsertAsync(store, "a", "new").ConfigureAwait(false);

        await CountsAsync(store, 1, 0).ConfigureAwait(false);
        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        Expect.Equal("Insert id=a base  row id=a,title=new", taken.Text, "the change");
        Expect.Equal("id,title", string.Join(',', taken.Columns), "its columns");
        await HoldsAsync(store, "a=new").ConfigureAwait(false);
    }

    public async Task Edit_Update_CarriesTheColumnsThatChangedAndItsBaseVersion()
    {
        var store = await OpenPreparedAsync(Row("a", 7, "old")).ConfigureAwait(false);

        await UpdateAsync(store, "a", "new").ConfigureAwait(false);

        var taken = await TakeOneAsync(store).ConfigureAwait(false);
        Expect.Equal("Update id=a base 7 row title=new", taken.Text, "the change");
        Expect.Equal("title", string.Join(',', taken.Columns), "its columns");
    }

    public async Task Edit_Delete_CarriesItsBaseVersionAlone()
    {
        var store = await OpenPreparedAsync(Row("a", 7, "old")).ConfigureAwait(false);

        await DeleteAsync(store, "a").ConfigureAwait(false);

        var taken = await TakeOneAsync(store, ChangePart.Deletes).ConfigureAwait(false);
        Expect.Equal("Delete id=a base 7 row -", taken.Text, "the change");
        Expect.Equal(0, taken.Columns.Count, "the number of its columns");
    }

    public async Task Edits_InsertThenUpdate_AreOneInsert()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);

        await InsertAsync(store, "a", "first").ConfigureAwait(false);
        await UpdateAsync(store, "a", "second").ConfigureAwait(false);

        Expect.Equal("Insert id=a base  row id=a,title=second", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task Edits_UpdateTwice_AreOneUpdate()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);

        await UpdateAsync(store, "a", "first").ConfigureAwait(false);
        await UpdateAsync(store, Items, "a", new Dictionary<string, string?> { ["title"] = "second", ["note"] = "n" }).ConfigureAwait(false);

        Expect.Equal("Update id=a base 1 row title=second,note=n", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task Edits_UpdateToNull_CarriesTheNull()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);

        await UpdateAsync(store, Items, "a", new Dictionary<string, string?> { ["title"] = null }).ConfigureAwait(false);

        Expect.Equal("Update id=a base 1 row title=null", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task Edits_InsertThenDelete_AreNothing()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);

        await InsertAsync(store, "a", "new").ConfigureAwait(false);
        await DeleteAsync(store, "a").ConfigureAwait(false);

        await NothingIsLeftAsync(store).ConfigureAwait(false);
    }

    public async Task Edits_UpdateAndBack_AreNothing()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);

        await UpdateAsync(store, "a", "new").ConfigureAwait(false);
        await UpdateAsync(store, "a", "old").ConfigureAwait(false);

        await NothingIsLeftAsync(store).ConfigureAwait(false);
    }

    public async Task Edits_UpdateThenDelete_AreOneDelete()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);

        await UpdateAsync(store, "a", "new").ConfigureAwait(false);
        await DeleteAsync(store, "a").ConfigureAwait(false);

        Expect.Equal("Delete id=a base 1 row -", (await TakeOneAsync(store, ChangePart.Deletes).ConfigureAwait(false)).Text, "the change");
    }

    public async Task Edits_DeleteThenInsert_AreOneUpdate()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "old")).ConfigureAwait(false);

        await DeleteAsync(store, "a").ConfigureAwait(false);
        await InsertAsync(store, "a", "new").ConfigureAwait(false);

        Expect.Equal("Update id=a base 1 row title=new", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task Edits_OfTwoDatasets_AreKeptApart()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        var others = Define("others");
        await store.PrepareAsync(others, CancellationToken.None).ConfigureAwait(false);

        await InsertAsync(store, "a", "mine").ConfigureAwait(false);
        await InsertAsync(store, others, new Dictionary<string, string?> { ["id"] = "a", ["title"] = "theirs" }).ConfigureAwait(false);

        await CountsAsync(store, 1, 0).ConfigureAwait(false);
        var taken = await TakeAsync(store, Request(dataset: others)).ConfigureAwait(false);
        Expect.Equal("Insert id=a base  row id=a,title=theirs", string.Join("; ", taken), "the changes of the other dataset");
    }

    public async Task Edits_Values_AreSentAsTheyAre()
    {
        const string Odd = "q\"uo\\te, \u0001 \u00e9 \ud83d\ude00 'x' {\"a\":1}";
        var store = await OpenPreparedAsync().ConfigureAwait(false);

        await InsertAsync(store, "a", Odd).ConfigureAwait(false);

        Expect.Equal($"Insert id=a base  row id=a,title={Odd}", (await TakeOneAsync(store).ConfigureAwait(false)).Text, "the change");
    }

    public async Task Edits_StoreOpenedAgain_AreStillThere()
    {
        var store = await OpenPreparedAsync(Row("a", 3, "old")).ConfigureAwait(false);
        await UpdateAsync(store, "a", "new").ConfigureAwait(false);

        var again = await OpenPreparedAsync().ConfigureAwait(false);

        await CountsAsync(again, 1, 0).ConfigureAwait(false);
        Expect.Equal("Update id=a base 3 row title=new", (await TakeOneAsync(again).ConfigureAwait(false)).Text, "the change");
    }
}
