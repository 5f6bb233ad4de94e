using Agent.Sync.Stores;
using Agent.Sync.Testing.Conformance;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing;

public abstract partial class ChangeStoreConformance
{
    private static Dataset Wider { get; } = Dataset.Define("items")
        .Key("id", ColumnType.Text, "Key_")
        .Column("title", ColumnType.Text, "note")
        .Column("note", ColumnType.Text, "title")
        .Column("extra", ColumnType.Text)
        .UpdatedAt("updated_at", "ChangedAt")
        .Version("version", "Revision")
        .DeletedAt("deleted_at", local: "GoneAt")
        .Build();

    private static Dataset Narrower { get; } = Dataset.Define("items")
        .Key("id", ColumnType.Text, "Key_")
        .Column("title", ColumnType.Text, "note")
        .UpdatedAt("updated_at", "ChangedAt")
        .Version("version", "Revision")
        .DeletedAt("deleted_at", local: "GoneAt")
        .Build();

    public async Task Columns_LeavingTheDataset_KeepTheirEdits()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a"), Row("b", 1, "b")).ConfigureAwait(false);
        await UpdateAsync(store, Items, "a", new Dictionary<string, string?> { ["note"] = "mine" }).ConfigureAwait(false);
        await UpdateAsync(store, "b", "mine").ConfigureAwait(false);

        try
        {
            await store.PrepareAsync(Narrower, CancellationToken.None).ConfigureAwait(false);
        }
        catch (SyncSchemaException refusal) when (refusal.Kind == SyncErrorKind.LocalSchema)
        {
            await CountsAsync(store, 2, 0).ConfigureAwait(false);
            return;
        }

        Expect.Equal("Update id=b base 1 row title=mine", string.Join("; ", await TakeAsync(store, Request(dataset: Narrower)).ConfigureAwait(false)), "the writes");
        await CountsAsync(store, 1, 1).ConfigureAwait(false);
        await UpdateAsync(store, Narrower, "a", Title("later")).ConfigureAwait(false);
        await CountsAsync(store, 1, 1).ConfigureAwait(false);
        await store.PrepareAsync(Items, CancellationToken.None).ConfigureAwait(false);
        await store.RetryChangesAsync(Items, null, CancellationToken.None).ConfigureAwait(false);
        var writes = await TakeAsync(store).ConfigureAwait(false);
        Expect.Equal("Update id=a base 1 row title=later,note=mine", writes.Single(static change => change.Key == "a").Text, "the write when the column is back");
    }

    public async Task Columns_NotReadYet_AreNoPartOfAWholeRow()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a"), Row("b", 1, "b")).ConfigureAwait(false);
        await store.PrepareAsync(Wider, CancellationToken.None).ConfigureAwait(false);
        await UpdateAsync(store, Wider, "a", Title("mine")).ConfigureAwait(false);
        await UpdateAsync(store, Wider, "b", new Dictionary<string, string?> { ["extra"] = "mine" }).ConfigureAwait(false);

        var writes = await TakeAsync(store, Request(dataset: Wider) with { WholeRows = true }).ConfigureAwait(false);

        Expect.That(!writes.Single(static change => change.Key == "a").Columns.Contains("extra"), "a whole row leaves out a column that was not read");
        Expect.That(writes.Single(static change => change.Key == "b").Columns.Contains("extra"), "an edit of such a column is sent");
    }

    public async Task Columns_NotReadYet_AreTheServersWhateverTheConflictsEnd()
    {
        var store = await OpenPreparedAsync(Row("a", 1, "a")).ConfigureAwait(false);
        await store.PrepareAsync(Wider, CancellationToken.None).ConfigureAwait(false);
        await UpdateAsync(store, Wider, "a", Title("mine")).ConfigureAwait(false);
        var change = (await TakeAsync(store, Request(dataset: Wider)).ConfigureAwait(false))[0];

        using (var page = PageOf(Wider, Wide("a", "theirs", 2)))
        {
            var settlement = new Settlement(change.Id, change.OperationId, SettlementKind.KeepLocal, page);
            await store.SettleAsync(new SettlementBatch(Wider, [settlement], Noon, null), CancellationToken.None).ConfigureAwait(false);
        }

        Expect.Equal("Update id=a base 2 row title=mine", string.Join("; ", await TakeAsync(store, Request(dataset: Wider)).ConfigureAwait(false)), "the writes");
    }

    private static string Wide(string id, string title, long version = 1) => Row(id, version, title)[..^1] + ",\"extra\":\"new\"}";
}
