using Agent.Sync.Testing.Conformance;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing;

public abstract partial class LocalStoreConformance
{
    public async Task Prepare_NewTable_HasNoRows()
    {
        var store = await OpenAsync().ConfigureAwait(false);

        var state = await store.PrepareAsync(Items, CancellationToken.None).ConfigureAwait(false);

        Expect.That(!state.HasRows, "a new table has no rows");
        Expect.That(state.StoreId != Guid.Empty, "a store has an id");
        await HoldsAsync(store).ConfigureAwait(false);
    }

    public async Task Prepare_Again_KeepsRowsAndStoreId()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var before = await store.PrepareAsync(Items, CancellationToken.None).ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "one")).ConfigureAwait(false);

        var after = await store.PrepareAsync(Items, CancellationToken.None).ConfigureAwait(false);

        Expect.Equal(before with { HasRows = true }, after, "the state");
        await HoldsAsync(store, "a=one").ConfigureAwait(false);
    }

    public async Task Prepare_StoreOpenedAgain_KeepsRowsAndStoreId()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var before = await store.PrepareAsync(Items, CancellationToken.None).ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "one")).ConfigureAwait(false);

        var again = await OpenAsync().ConfigureAwait(false);
        var after = await again.PrepareAsync(Items, CancellationToken.None).ConfigureAwait(false);

        Expect.Equal(before with { HasRows = true }, after, "the state");
        await HoldsAsync(again, "a=one").ConfigureAwait(false);
    }

    public async Task Prepare_AllRowsRemoved_HasNoRows()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "one")).ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 2, "one", isDeleted: true)).ConfigureAwait(false);

        var state = await store.PrepareAsync(Items, CancellationToken.None).ConfigureAwait(false);

        Expect.That(!state.HasRows, "a table whose rows were removed has no rows");
    }

    public async Task Prepare_ColumnAdded_KeepsOldRowsReadable()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "one")).ConfigureAwait(false);
        var wider = Define("items").Column("note", ColumnType.Text).Build();

        var state = await store.PrepareAsync(wider, CancellationToken.None).ConfigureAwait(false);

        var row = await SingleAsync(store, wider).ConfigureAwait(false);
        Expect.That(state.HasRows, "the rows are still there");
        Expect.Equal("one", row["title"], "an old column");
        Expect.Equal(null, row["note"], "the new column of an old row");
    }

    public async Task Prepare_ColumnAdded_IsFilledByAResyncOfEqualVersions()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "one")).ConfigureAwait(false);
        var wider = Define("items").Column("note", ColumnType.Text).Build();
        await store.PrepareAsync(wider, CancellationToken.None).ConfigureAwait(false);

        await ApplyAsync(store, wider, 1, Row("a", 1, "one")[..^1] + ",\"note\":\"new\"}").ConfigureAwait(false);

        Expect.Equal("new", (await SingleAsync(store, wider).ConfigureAwait(false))["note"], "the new column after a resync");
    }

    public async Task Prepare_ColumnRemoved_IsIgnored()
    {
        var wider = Define("items").Column("note", ColumnType.Text).Build();
        var store = await OpenPreparedAsync(wider).ConfigureAwait(false);
        await ApplyAsync(store, wider, null, Row("a", 1, "one")[..^1] + ",\"note\":\"old\"}").ConfigureAwait(false);

        await store.PrepareAsync(Items, CancellationToken.None).ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 2, "two"), Row("b", 1, "new")).ConfigureAwait(false);

        await HoldsAsync(store, "a=two", "b=new").ConfigureAwait(false);
    }

    public async Task Prepare_ColumnRetyped_IsRefusedAndChangesNothing()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "one")).ConfigureAwait(false);
        var retyped = Dataset.Define("items").Key("id", ColumnType.Text, "Key_").Column("title", ColumnType.Integer, "Caption")
            .UpdatedAt("updated_at", "ChangedAt").Version("version", "Revision").DeletedAt("deleted_at", local: "GoneAt").Build();

        await Expect.FailsAsync(
            SyncErrorKind.LocalSchema,
            async () => await store.PrepareAsync(retyped, CancellationToken.None).ConfigureAwait(false),
            "preparing a table whose column has another type").ConfigureAwait(false);

        await HoldsAsync(store, "a=one").ConfigureAwait(false);
    }
}
