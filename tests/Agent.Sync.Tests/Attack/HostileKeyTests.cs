using System.Text;
using System.Text.Json;
using Agent.Sync.Postgrest;
using Agent.Sync.Push.Sending;
using Agent.Sync.Stores;

namespace Agent.Sync.Tests.Attack;

/// <summary>Every filter that the library writes selects the rows that it means, whatever their keys say, in the eyes of a reader that shares no code with it.</summary>
public sealed class HostileKeyTests
{
    // Names that are words of the grammar or parameters.
    private static readonly string[] KeyNames = ["id", "select", "and", "or", "not", "order", "limit", "offset", "columns", "on_conflict", "eq", "in", "is", "null", "_", "$a", "Id"];

    private static readonly IReadOnlyList<string> Keys = HostileKeys.All;

    public static TheoryData<string> Names => [.. KeyNames];

    [Fact]
    public void Keys_OfTheList_AreManyAndDifferent()
    {
        Assert.True(Keys.Count >= 120);
        Assert.Distinct(Keys);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void PageUrl_AfterAndUpToAnyKey_SelectsTheKeysBetween(string name)
    {
        var (dataset, rows) = Single(name);
        var url = new PageUrl("https://x.test", dataset);
        foreach (var key in Keys)
        {
            Assert.Equal(KeysWhere(there => Compare(there, key) > 0), Selected(url.Build(Page(dataset, after: [key])), rows, name));
            Assert.Equal(KeysWhere(there => Compare(there, key) <= 0), Selected(url.Build(Page(dataset, upTo: [key])), rows, name));
            Assert.Equal(KeysWhere(there => Compare(there, "a") > 0 && Compare(there, key) <= 0), Selected(url.Build(Page(dataset, after: ["a"], upTo: [key])), rows, name));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void PageUrl_AfterAnyKeyOfOneStamp_SelectsTheRestAndWhatIsLater(string name)
    {
        var (dataset, rows) = Single(name);
        var url = new PageUrl("https://x.test", dataset);
        foreach (var key in Keys)
        {
            var after = new CursorPosition(PageOrder.Cursor, "2026-01-01T00:00:00+00:00", [key]);

            var selected = Selected(url.Build(new PageQuery(dataset, PageOrder.Cursor, after, 100)), rows, name);

            // Every second row is later.
            Assert.Equal(Keys.Where((there, index) => index % 2 == 1 || Compare(there, key) > 0).Order(StringComparer.Ordinal), selected);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void PushUrl_RowOfAnyKey_SelectsThatRowAlone(string name)
    {
        var (dataset, rows) = Single(name);
        var url = new PushUrl(dataset);
        foreach (var (key, index) in Keys.Select(static (key, index) => (key, index)))
        {
            Assert.Equal([key], Selected(url.Row(Change(name, key), anyVersion: true), rows, name));
            Assert.Equal(index % 2 == 0 ? [key] : [], Selected(url.Row(Change(name, key), anyVersion: false), rows, name));
            Assert.Empty(Selected(url.Nothing(url.Row(Change(name, key), anyVersion: true)), rows, name));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void PushUrl_LookUpOfAnyKeys_SelectsThoseRowsAlone(string name)
    {
        var (dataset, rows) = Single(name);
        var url = new PushUrl(dataset);
        PendingChange[] changes = [.. Keys.Select(key => Change(name, key))];
        for (var start = 0; start < changes.Length;)
        {
            var path = url.LookUp(changes.AsSpan(start), int.MaxValue, out var taken);

            Assert.Equal(Keys.Skip(start).Take(taken).Order(StringComparer.Ordinal), Selected(path, rows, name));
            start += taken;
        }

        foreach (var change in changes)
        {
            Assert.Single(Selected(url.LookUp([change], 1, out _), rows, name));
        }
    }

    [Fact]
    public void PushUrl_CompositeKeysOfAnyTexts_SelectThoseRowsAlone()
    {
        var dataset = Dataset.Define("items").Key("not", ColumnType.Text).Key("and", ColumnType.Text).UpdatedAt("updated_at").Build();
        List<IReadOnlyDictionary<string, string?>> rows = [.. from one in Keys from two in Keys.Take(40) select (IReadOnlyDictionary<string, string?>)new Dictionary<string, string?> { ["not"] = one, ["and"] = two, ["updated_at"] = "2026-01-01T00:00:00+00:00" }];
        var (url, pages) = (new PushUrl(dataset), new PageUrl("https://x.test", dataset));
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var (one, two) = (Keys[random.Next(Keys.Count)], Keys[random.Next(40)]);
            var change = new PendingChange(1, Guid.Empty, ChangeKind.Update, [], JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["not"] = one, ["and"] = two }), "2026-01-01T00:00:00+00:00"u8.ToArray(), default);

            Assert.True(Selected(url.Row(change, anyVersion: false), rows) is [var row] && (row["not"], row["and"]) == (one, two), $"Seed {seed}.");
            Assert.True(Selected(url.LookUp([change], 1, out _), rows) is [var found] && (found["not"], found["and"]) == (one, two), $"Seed {seed}.");
            Assert.Equal(rows.Count(there => ComparePair(there, one, two) > 0), Selected(pages.Build(Page(dataset, after: [one, two])).OriginalString, rows).Count);
            Assert.Equal(rows.Count(there => ComparePair(there, one, two) <= 0), Selected(pages.Build(Page(dataset, upTo: [one, two])).OriginalString, rows).Count);
            Assert.Equal(rows.Count(there => ComparePair(there, one, two) > 0), Selected(pages.Build(new PageQuery(dataset, PageOrder.Cursor, new CursorPosition(PageOrder.Cursor, "2026-01-01T00:00:00+00:00", [one, two]), 9)).OriginalString, rows).Count);
        }
    }

    [Fact]
    public void PageUrl_FilterOnAnyValue_MeansThatValue()
    {
        var (_, rows) = Single("id");
        foreach (var key in Keys)
        {
            var dataset = Dataset.Define("items").Key("id", ColumnType.Text).UpdatedAt("updated_at").Where("id", FilterOperator.Equal, key).Build();

            Assert.Equal([key], Selected(new PageUrl("https://x.test", dataset).Build(Page(dataset)), rows, "id"));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a.b")]
    [InlineData("a\"b")]
    [InlineData("a,b")]
    [InlineData("a)b")]
    [InlineData("a&b")]
    [InlineData("a=b")]
    [InlineData("a'b")]
    [InlineData("a;b")]
    [InlineData("a/b")]
    [InlineData("../b")]
    [InlineData("a%20b")]
    [InlineData("1a")]
    [InlineData("\u00e4")]
    [InlineData("a\0")]
    [InlineData("a\n")]
    [InlineData("*")]
    [InlineData("a::text")]
    [InlineData("a->b")]
    [InlineData("a:b")]
    [InlineData("count()")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void DatasetBuilder_HostileName_IsMisuse(string name)
    {
        Assert.ThrowsAny<ArgumentException>(() => Dataset.Define(name).Key("id", ColumnType.Text).UpdatedAt("updated_at").Build());
        Assert.ThrowsAny<ArgumentException>(() => Dataset.Define("items").Key(name, ColumnType.Text).UpdatedAt("updated_at").Build());
        Assert.ThrowsAny<ArgumentException>(() => Dataset.Define("items").Key("id", ColumnType.Text).Column(name, ColumnType.Text).UpdatedAt("updated_at").Build());
        Assert.ThrowsAny<ArgumentException>(() => Dataset.Define("items").Key("id", ColumnType.Text).UpdatedAt(name).Build());
        Assert.ThrowsAny<ArgumentException>(() => Dataset.Define("items").Key("id", ColumnType.Text).UpdatedAt("updated_at").Where(name, FilterOperator.Equal, "x").Build());
        Assert.ThrowsAny<ArgumentException>(() => Dataset.Define("items").Key("id", ColumnType.Text).UpdatedAt("updated_at").InSchema(name).Build());
        Assert.ThrowsAny<ArgumentException>(() => Dataset.Define("items").Key("id", ColumnType.Text).UpdatedAt("updated_at").ToTable(name).Build());
    }

    private static (Dataset Dataset, IReadOnlyList<IReadOnlyDictionary<string, string?>> Rows) Single(string name) => (
        Dataset.Define("items").Key(name, ColumnType.Text).UpdatedAt("updated_at").Build(),
        [.. Keys.Select((key, index) => new Dictionary<string, string?> { [name] = key, ["updated_at"] = index % 2 == 0 ? "2026-01-01T00:00:00+00:00" : "2026-01-02T00:00:00+00:00" })]);

    private static PageQuery Page(Dataset dataset, string[]? after = null, string[]? upTo = null) =>
        new(dataset, PageOrder.Key, after is null ? null : new CursorPosition(PageOrder.Key, null, after), 100) { UpTo = upTo };

    private static PendingChange Change(string name, string key) => new(
        1, Guid.Empty, ChangeKind.Update, [], JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { [name] = key }), "2026-01-01T00:00:00+00:00"u8.ToArray(), default);

    private static IEnumerable<string> KeysWhere(Func<string, bool> fits) => Keys.Where(fits).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Selected(Uri url, IReadOnlyList<IReadOnlyDictionary<string, string?>> rows, string name) => Selected(url.OriginalString, rows, name);

    private static IEnumerable<string> Selected(string path, IReadOnlyList<IReadOnlyDictionary<string, string?>> rows, string name) =>
        Selected(path, rows).Select(row => row[name]!).Order(StringComparer.Ordinal);

    private static List<IReadOnlyDictionary<string, string?>> Selected(string path, IReadOnlyList<IReadOnlyDictionary<string, string?>> rows)
    {
        var filters = FilterGrammar.Read(path[(path.IndexOf('?', StringComparison.Ordinal) + 1)..]);
        return [.. rows.Where(filters.Fits)];
    }

    private static int Compare(string left, string right) => Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));

    private static int ComparePair(IReadOnlyDictionary<string, string?> row, string one, string two) => Compare(row["not"]!, one) is var first and not 0 ? first : Compare(row["and"]!, two);
}
