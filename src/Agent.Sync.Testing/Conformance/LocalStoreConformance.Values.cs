using Agent.Sync.Testing.Conformance;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing;

public abstract partial class LocalStoreConformance
{
    public async Task Values_OfEveryKind_ComeBackAsTheyWere()
    {
        var dataset = Dataset.Define("kinds").Key("id", ColumnType.Text).Column("big", ColumnType.Integer).Column("exact", ColumnType.Numeric)
            .Column("doc", ColumnType.Json).Column("words", ColumnType.Text).Column("nothing", ColumnType.Text).UpdatedAt("updated_at").Build();
        var store = await OpenPreparedAsync(dataset).ConfigureAwait(false);

        await ApplyAsync(store, dataset, null, """
            {"id":"k","big":9223372036854775807,"exact":1234567890123456789012345678901234567890.0000000001,"doc":{"b": 1.10, "a":[null,true,"x\u00e9"]},"words":"q\"b\\s\n\u00e9\ud83d\ude00 ü","nothing":null,"updated_at":"2026-03-04T05:06:07.123457+00:00"}
            """).ConfigureAwait(false);

        var row = await SingleAsync(store, dataset).ConfigureAwait(false);
        Expect.Equal("9223372036854775807", row["big"], "a 64-bit integer");
        Expect.Equal("1234567890123456789012345678901234567890.0000000001", row["exact"], "a numeric");
        Expect.Equal("""{"b": 1.10, "a":[null,true,"x\u00e9"]}""", row["doc"], "a json value's own text");
        Expect.Equal("q\"b\\s\né😀 ü", row["words"], "a text with escapes");
        Expect.Equal(null, row["nothing"], "a null");
        Expect.That(row["updated_at"]?.Contains("05:06:07.123457", StringComparison.Ordinal) == true, "a timestamp keeps its microseconds");
    }

    public async Task Values_NullsAndEmptyTexts_AreToldApart()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);

        await ApplyAsync(store, Row("a", 1, ""), Row("b", 1, "x").Replace("\"x\"", "null", StringComparison.Ordinal)).ConfigureAwait(false);

        var rows = await ReadRowsAsync(store, Items).ConfigureAwait(false);
        Expect.Equal("", rows.Single(static row => row["id"] == "a")["title"], "an empty text");
        Expect.Equal(null, rows.Single(static row => row["id"] == "b")["title"], "a null");
    }

    public async Task Keys_OfSeveralColumns_AreToldApart()
    {
        var dataset = Dataset.Define("pairs").Key("first", ColumnType.Text).Key("second", ColumnType.Text).Key("third", ColumnType.Integer)
            .Column("title", ColumnType.Text).UpdatedAt("updated_at").Version("version").Build();
        var store = await OpenPreparedAsync(dataset).ConfigureAwait(false);

        await ApplyAsync(store, dataset, null, Pair("a", "bc", 1, 1, "one"), Pair("ab", "c", 1, 1, "two"), Pair("a", "bc", 11, 1, "three")).ConfigureAwait(false);
        await ApplyAsync(store, dataset, null, Pair("ab", "c", 1, 2, "new")).ConfigureAwait(false);

        var rows = await ReadRowsAsync(store, dataset).ConfigureAwait(false);
        var titles = rows.Select(static row => row["title"]).Order(StringComparer.Ordinal);
        Expect.Equal("new,one,three", string.Join(',', titles), "the titles of three keys");

        static string Pair(string first, string second, int third, int version, string title) =>
            $$"""{"first":"{{first}}","second":"{{second}}","third":{{third}},"title":"{{title}}","updated_at":"2026-01-01T00:00:00+00:00","version":{{version}}}""";
    }

    public async Task Keys_ThatDifferInCaseOnly_AreToldApart()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);

        await ApplyAsync(store, Row("a", 1, "lower"), Row("A", 1, "upper")).ConfigureAwait(false);

        await HoldsAsync(store, "A=upper", "a=lower").ConfigureAwait(false);
    }

    public async Task Keys_OfTypeUuid_FindTheirRowAgain()
    {
        var dataset = Dataset.Define("uuids").Key("id", ColumnType.Uuid).Column("title", ColumnType.Text).UpdatedAt("updated_at").Version("version").Build();
        var store = await OpenPreparedAsync(dataset).ConfigureAwait(false);
        await ApplyAsync(store, dataset, null, Uuid(1, "one")).ConfigureAwait(false);

        await ApplyAsync(store, dataset, null, Uuid(2, "two")).ConfigureAwait(false);

        var row = await SingleAsync(store, dataset).ConfigureAwait(false);
        Expect.Equal("two", row["title"], "the title");

        static string Uuid(int version, string title) =>
            $$"""{"id":"0a1b2c3d-4e5f-6789-abcd-ef0123456789","title":"{{title}}","updated_at":"2026-01-01T00:00:00+00:00","version":{{version}}}""";
    }
}
