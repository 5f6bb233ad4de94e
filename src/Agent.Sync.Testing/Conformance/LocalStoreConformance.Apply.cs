using Agent.Sync.Stores;
using Agent.Sync.Testing.Conformance;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing;

public abstract partial class LocalStoreConformance
{
    private static readonly string[] RisingCursors =
    [
        "-infinity", "0100-05-01T00:00:00+00:00 BC", "0044-03-15T10:00:00+00:00 BC", "0044-03-16T10:00:00+00:00 BC", "0999-12-31T23:59:59.999999+00:00",
        "2026-01-01T11:00:00+00:00", "2026-01-01T11:00:00.1+00:00", "2026-01-01T11:00:00.12+00:00", "2026-01-01T13:00:00.120001+02:00", "9999-12-31T23:00:00+00:00",
        "10000-01-01T00:00:00+00:00", "20000-01-01T00:00:00+00:00", "infinity",
    ];

    private static string Stamped(string cursor, string title) => $$"""{"id":"a","title":"{{title}}","updated_at":"{{cursor}}","version":1,"deleted_at":null}""";

    public async Task Apply_NewRows_AreInserted()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);

        var result = await ApplyAsync(store, Row("a", 1, "one"), Row("b", 1, "two")).ConfigureAwait(false);

        Expect.Equal(new ApplyResult(2, 0, 0), result, "the counts");
        await HoldsAsync(store, "a=one", "b=two").ConfigureAwait(false);
    }

    public async Task Apply_NewerVersion_ReplacesTheRow()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 9, "old")).ConfigureAwait(false);

        var result = await ApplyAsync(store, Row("a", 10, "new")).ConfigureAwait(false);

        Expect.Equal(new ApplyResult(1, 0, 0), result, "the counts");
        await HoldsAsync(store, "a=new").ConfigureAwait(false);
    }

    public async Task Apply_EqualVersion_ChangesNothing()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 5, "one")).ConfigureAwait(false);

        var result = await ApplyAsync(store, Row("a", 5, "one")).ConfigureAwait(false);

        Expect.Equal(new ApplyResult(0, 1, 0), result, "the counts");
        await HoldsAsync(store, "a=one").ConfigureAwait(false);
    }

    public async Task Apply_EqualVersionWithALaterCursor_ReplacesTheRow()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        for (var index = 0; index < RisingCursors.Length; index++)
        {
            var row = Stamped(RisingCursors[index], $"title {index}");
            var result = await ApplyAsync(store, row).ConfigureAwait(false);
            var again = await ApplyAsync(store, row).ConfigureAwait(false);

            Expect.Equal(new ApplyResult(1, 0, 0) { SameVersion = index == 0 ? 0 : 1 }, result, $"the counts of {RisingCursors[index]}");
            Expect.Equal(new ApplyResult(0, 1, 0), again, $"the counts of {RisingCursors[index]} once more");
            await HoldsAsync(store, $"a=title {index}").ConfigureAwait(false);
        }

        await ApplyAsync(store, Row("a", 2, "newer")).ConfigureAwait(false);
        await HoldsAsync(store, "a=newer").ConfigureAwait(false);
    }

    public async Task Apply_EqualVersionWithAnEarlierCursor_ChangesNothing()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Stamped(RisingCursors[^1], "last")).ConfigureAwait(false);
        for (var index = RisingCursors.Length - 2; index >= 0; index--)
        {
            Expect.Equal(new ApplyResult(0, 1, 0), await ApplyAsync(store, Stamped(RisingCursors[index], "earlier")).ConfigureAwait(false), $"the counts of {RisingCursors[index]}");
        }

        await HoldsAsync(store, "a=last").ConfigureAwait(false);
    }

    public async Task Apply_OlderVersion_NeverReplacesTheRow()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 10, "new")).ConfigureAwait(false);

        var result = await ApplyAsync(store, Row("a", 9, "old")).ConfigureAwait(false);

        Expect.Equal(new ApplyResult(0, 1, 0), result, "the counts");
        await HoldsAsync(store, "a=new").ConfigureAwait(false);
    }

    public async Task Apply_VersionsAbove2To53_AreToldApart()
    {
        const long Large = (1L << 53) + 1;
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Versioned(Large, "new")).ConfigureAwait(false);

        await ApplyAsync(store, Versioned(Large - 1, "old")).ConfigureAwait(false);
        await HoldsAsync(store, "a=new").ConfigureAwait(false);
        await ApplyAsync(store, Versioned(Large + 1, "newer")).ConfigureAwait(false);

        await HoldsAsync(store, "a=newer").ConfigureAwait(false);

        static string Versioned(long version, string title) => Row("a", 1, title).Replace("\"version\":1,", $"\"version\":{version},", StringComparison.Ordinal);
    }

    public async Task Apply_WithoutVersionColumn_TheRowReadLastWins()
    {
        var dataset = Dataset.Define("items").Key("id", ColumnType.Text).Column("title", ColumnType.Text).UpdatedAt("updated_at").Build();
        var store = await OpenPreparedAsync(dataset).ConfigureAwait(false);
        await ApplyAsync(store, dataset, null, Timed("2026-01-01T11:00:00.12+00:00", "one")).ConfigureAwait(false);

        var later = await ApplyAsync(store, dataset, null, Timed("2026-01-01T11:00:00.120001+00:00", "two")).ConfigureAwait(false);
        var same = await ApplyAsync(store, dataset, null, Timed("2026-01-01T11:00:00.120001+00:00", "other")).ConfigureAwait(false);
        var sameElsewhere = await ApplyAsync(store, dataset, null, Timed("2026-01-01T13:00:00.120001+02:00", "other")).ConfigureAwait(false);
        Expect.Equal("two", (await SingleAsync(store, dataset).ConfigureAwait(false))["title"], "the title after rows of the same time");
        var fallen = await ApplyAsync(store, dataset, null, Timed("2026-01-01T11:00:00.12+00:00", "three")).ConfigureAwait(false);

        Expect.Equal(new ApplyResult(1, 0, 0), later, "the counts of a row one microsecond later");
        Expect.Equal(new ApplyResult(0, 1, 0), same, "the counts of a row of the same time");
        Expect.Equal(new ApplyResult(0, 1, 0), sameElsewhere, "the counts of a row of the same time in another offset");
        Expect.Equal(new ApplyResult(1, 0, 0), fallen, "the counts of a row whose time has fallen");
        Expect.Equal("three", (await SingleAsync(store, dataset).ConfigureAwait(false))["title"], "the title");

        static string Timed(string time, string title) => $$"""{"id":"a","title":"{{title}}","updated_at":"{{time}}"}""";
    }

    public async Task Apply_WithoutVersionColumn_ADeletionWithAFallenTimeRemoves()
    {
        var dataset = Dataset.Define("items").Key("id", ColumnType.Text).UpdatedAt("updated_at").DeletedAt("deleted_at").Build();
        var store = await OpenPreparedAsync(dataset).ConfigureAwait(false);
        await ApplyAsync(store, dataset, null, """{"id":"a","updated_at":"2026-01-01T11:00:01+00:00","deleted_at":null}""").ConfigureAwait(false);

        var result = await ApplyAsync(
            store, dataset, null, """{"id":"a","updated_at":"2026-01-01T11:00:00+00:00","deleted_at":"2026-01-01T11:00:00+00:00"}""").ConfigureAwait(false);

        Expect.Equal(new ApplyResult(0, 0, 1), result, "the counts");
    }

    public async Task Apply_SameBatchAgain_ChangesNothing()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        string[] batch = [Row("a", 1, "one"), Row("b", 2, "two"), Row("c", 3, "three", isDeleted: true)];
        await ApplyAsync(store, Row("c", 2, "three")).ConfigureAwait(false);
        await ApplyAsync(store, batch).ConfigureAwait(false);

        var result = await ApplyAsync(store, batch).ConfigureAwait(false);

        Expect.Equal(new ApplyResult(0, 3, 0), result, "the counts");
        await HoldsAsync(store, "a=one", "b=two").ConfigureAwait(false);
    }

    public async Task Apply_KeyTwiceInABatch_KeepsTheNewestVersion()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        using var first = PageOf(Items, Row("a", 1, "one"), Row("b", 3, "three"));
        using var second = PageOf(Items, Row("a", 2, "two"), Row("b", 2, "two"));

        var result = await store.ApplyAsync(new ApplyBatch(Items, [first, second], null, null), CancellationToken.None).ConfigureAwait(false);

        Expect.Equal(4, result.Applied + result.Unchanged + result.Deleted, "the sum of the counts");
        await HoldsAsync(store, "a=two", "b=three").ConfigureAwait(false);
    }

    public async Task Apply_EmptyPagesOrNone_DoesNothing()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        using var empty = PageOf(Items);

        var onEmpty = await store.ApplyAsync(new ApplyBatch(Items, [empty], null, null), CancellationToken.None).ConfigureAwait(false);
        var onNone = await store.ApplyAsync(new ApplyBatch(Items, [], null, null), CancellationToken.None).ConfigureAwait(false);

        Expect.Equal(default, onEmpty, "the counts of an empty page");
        Expect.Equal(default, onNone, "the counts of no page");
    }

    public async Task Apply_MixedBatch_CountsAddUp()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 2, "a"), Row("b", 2, "b"), Row("c", 2, "c")).ConfigureAwait(false);

        var result = await ApplyAsync(
            store, Row("a", 1, "old"), Row("b", 3, "new"), Row("c", 3, "gone", isDeleted: true), Row("d", 1, "never", isDeleted: true), Row("e", 1, "e")).ConfigureAwait(false);

        Expect.Equal(new ApplyResult(2, 2, 1), result, "the counts");
        await HoldsAsync(store, "a=a", "b=new", "e=e").ConfigureAwait(false);
    }

    public async Task Apply_DeletedRow_IsRemoved()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "one"), Row("b", 1, "two")).ConfigureAwait(false);

        var result = await ApplyAsync(store, Row("a", 2, "one", isDeleted: true)).ConfigureAwait(false);

        Expect.Equal(new ApplyResult(0, 0, 1), result, "the counts");
        await HoldsAsync(store, "b=two").ConfigureAwait(false);
    }

    public async Task Apply_DeletedRowThatIsNotThere_ChangesNothing()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);

        var result = await ApplyAsync(store, Row("a", 2, "one", isDeleted: true)).ConfigureAwait(false);

        Expect.Equal(new ApplyResult(0, 1, 0), result, "the counts");
        await HoldsAsync(store).ConfigureAwait(false);
    }

    public async Task Apply_OlderDeletion_KeepsTheNewerRow()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 3, "restored")).ConfigureAwait(false);

        var result = await ApplyAsync(store, Row("a", 2, "gone", isDeleted: true)).ConfigureAwait(false);

        Expect.Equal(new ApplyResult(0, 1, 0), result, "the counts");
        await HoldsAsync(store, "a=restored").ConfigureAwait(false);
    }

    public async Task Apply_RemovedRowThatComesBack_IsInserted()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "one")).ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 2, "one", isDeleted: true)).ConfigureAwait(false);

        var result = await ApplyAsync(store, Row("a", 3, "again")).ConfigureAwait(false);

        Expect.Equal(new ApplyResult(1, 0, 0), result, "the counts");
        await HoldsAsync(store, "a=again").ConfigureAwait(false);
    }

    public async Task Apply_DeletedRowUnderMark_StaysWithItsDeletionTime()
    {
        var marked = Define("items", DeleteHandling.Mark).Build();
        var store = await OpenPreparedAsync(marked).ConfigureAwait(false);
        await ApplyAsync(store, marked, null, Row("a", 1, "one")).ConfigureAwait(false);

        var result = await ApplyAsync(store, marked, null, Row("a", 2, "one", isDeleted: true)).ConfigureAwait(false);

        var row = await SingleAsync(store, marked).ConfigureAwait(false);
        Expect.Equal(new ApplyResult(1, 0, 0), result, "the counts");
        Expect.That(row["deleted_at"]?.StartsWith("2026-01-02", StringComparison.Ordinal) == true, "a marked row carries its deletion time");
    }

    public async Task Apply_MarkedRowRestored_LosesItsDeletionTime()
    {
        var marked = Define("items", DeleteHandling.Mark).Build();
        var store = await OpenPreparedAsync(marked).ConfigureAwait(false);
        await ApplyAsync(store, marked, null, Row("a", 2, "one", isDeleted: true)).ConfigureAwait(false);

        await ApplyAsync(store, marked, null, Row("a", 3, "one")).ConfigureAwait(false);

        Expect.Equal(null, (await SingleAsync(store, marked).ConfigureAwait(false))["deleted_at"], "the deletion time");
    }

    public async Task Apply_TwoDatasets_AreKeptApart()
    {
        var others = Define("others").Build();
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await store.PrepareAsync(others, CancellationToken.None).ConfigureAwait(false);

        await ApplyAsync(store, Row("a", 1, "one")).ConfigureAwait(false);
        await ApplyAsync(store, others, null, Row("a", 1, "other")).ConfigureAwait(false);

        await HoldsAsync(store, "a=one").ConfigureAwait(false);
        Expect.Equal("other", (await SingleAsync(store, others).ConfigureAwait(false))["title"], "the other dataset's row");
    }

    public async Task Apply_Cancelled_LeavesAllOrNothing()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        using var page = PageOf(Items, Row("a", 1, "one"), Row("b", 1, "two"));

        await Expect.MayBeCancelledAsync(async token => await store.ApplyAsync(new ApplyBatch(Items, [page], null, null), token).ConfigureAwait(false)).ConfigureAwait(false);

        var rows = await ReadRowsAsync(store, Items).ConfigureAwait(false);
        Expect.That(rows.Count is 0 or 2, "a cancelled apply leaves all or nothing");
    }

    public async Task Apply_BatchThatFailsHalfway_LeavesNothing()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "old")).ConfigureAwait(false);
        using var good = PageOf(Items, Row("a", 2, "new"), Row("b", 1, "two"));
        var broken = PageOf(Items, Row("c", 1, "three"));
        broken.Dispose();

        var hasFailed = false;
        try
        {
            await store.ApplyAsync(new ApplyBatch(Items, [good, broken], null, null), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SyncException)
        {
            hasFailed = true;
        }

        Expect.That(hasFailed, "a batch with an unreadable page fails");
        await HoldsAsync(store, "a=old").ConfigureAwait(false);
        await ApplyAsync(store, Row("d", 1, "next")).ConfigureAwait(false);
        await HoldsAsync(store, "a=old", "d=next").ConfigureAwait(false);
    }
}
