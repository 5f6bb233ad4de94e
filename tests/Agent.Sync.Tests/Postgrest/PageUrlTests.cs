using Agent.Sync.Postgrest;

namespace Agent.Sync.Tests.Postgrest;

public sealed class PageUrlTests
{
    private const string Stamp = "2026-01-01T00:00:00.123456+00:00";
    private const string StampEncoded = "2026-01-01T00%3A00%3A00.123456%2B00%3A00";

    private static readonly Dataset One = Define("id").Build();
    private static readonly Dataset Three = Define("a", "b", "c").Build();
    private static readonly Dataset Two = Define("a", "b").Build();

    [Fact]
    public void Build_NoPosition_HasOrderAndLimitOnly()
    {
        Assert.Equal("order=id.asc&limit=100", Tail(One, PageOrder.Key, null));
        Assert.Equal("order=updated_at.asc.nullslast,id.asc&limit=100", Tail(One, PageOrder.Cursor, null));
    }

    [Fact]
    public void Build_KeyOrderOneKey_IsASimpleBound() => Assert.Equal(
        "id=gt.k1&order=id.asc&limit=100",
        Tail(One, PageOrder.Key, new CursorPosition(PageOrder.Key, null, ["k1"])));

    [Fact]
    public void Build_KeyOrderTwoKeys_IsLexicographicWithTheRedundantBound() => Assert.Equal(
        "a=gte.1&or=(a.gt.%221%22,and(a.eq.%221%22,b.gt.%222%22))&order=a.asc,b.asc&limit=100",
        Tail(Two, PageOrder.Key, new CursorPosition(PageOrder.Key, null, ["1", "2"])));

    [Fact]
    public void Build_KeyOrderThreeKeys_Nests() => Assert.Equal(
        "a=gte.1&or=(a.gt.%221%22,and(a.eq.%221%22,or(b.gt.%222%22,and(b.eq.%222%22,c.gt.%223%22))))&order=a.asc,b.asc,c.asc&limit=100",
        Tail(Three, PageOrder.Key, new CursorPosition(PageOrder.Key, null, ["1", "2", "3"])));

    [Fact]
    public void Build_CursorOrder_HasTheRedundantBoundAndTheTie() => Assert.Equal(
        $"updated_at=gte.{StampEncoded}&or=(updated_at.gt.%22{StampEncoded}%22,and(updated_at.eq.%22{StampEncoded}%22,id.gt.%22k1%22))&order=updated_at.asc.nullslast,id.asc&limit=100",
        Tail(One, PageOrder.Cursor, new CursorPosition(PageOrder.Cursor, Stamp, ["k1"])));

    [Fact]
    public void Build_CursorOrderCompositeKey_NestsTheKey() => Assert.Equal(
        $"updated_at=gte.{StampEncoded}&or=(updated_at.gt.%22{StampEncoded}%22,and(updated_at.eq.%22{StampEncoded}%22,or(a.gt.%221%22,and(a.eq.%221%22,b.gt.%222%22))))&order=updated_at.asc.nullslast,a.asc,b.asc&limit=100",
        Tail(Two, PageOrder.Cursor, new CursorPosition(PageOrder.Cursor, Stamp, ["1", "2"])));

    [Fact]
    public void Build_LowerBound_IsTheBoundAlone() => Assert.Equal(
        $"updated_at=gte.{StampEncoded}&order=updated_at.asc.nullslast,id.asc&limit=100",
        Tail(One, PageOrder.Cursor, CursorPosition.AtOrAfter(Stamp)));

    [Fact]
    public void Build_Filters_AreAppendedToEveryPage()
    {
        var dataset = Define("id").Where("owner", FilterOperator.Equal, "a b,c").Where("size", FilterOperator.LessThanOrEqual, "10").Where("kind", FilterOperator.NotEqual, "x").Build();

        Assert.Equal("owner=eq.a%20b%2Cc&size=lte.10&kind=neq.x&order=id.asc&limit=100", Tail(dataset, PageOrder.Key, null));
        Assert.Equal("id=gt.k&owner=eq.a%20b%2Cc&size=lte.10&kind=neq.x&order=id.asc&limit=100", Tail(dataset, PageOrder.Key, new CursorPosition(PageOrder.Key, null, ["k"])));
    }

    [Fact]
    public void Build_ColumnNamedLikeAParameter_GoesIntoALogicTree()
    {
        var dataset = Define("order").Build();

        Assert.Equal("and=(order.gt.%22a%5C%22b%22)&order=order.asc&limit=100", Tail(dataset, PageOrder.Key, new CursorPosition(PageOrder.Key, null, ["a\"b"])));
    }

    [Theory]
    [InlineData("a,b.c(d)", "a%2Cb.c%28d%29", "a%2Cb.c%28d%29")]
    [InlineData("quote\"back\\slash", "quote%22back%5Cslash", "quote%5C%22back%5C%5Cslash")]
    [InlineData(" +&=#?%", "%20%2B%26%3D%23%3F%25", "%20%2B%26%3D%23%3F%25")]
    [InlineData("ä\U0001F600", "%C3%A4%F0%9F%98%80", "%C3%A4%F0%9F%98%80")]
    [InlineData("null", "null", "null")]
    [InlineData("", "", "")]
    [InlineData("%22)&or=(x", "%2522%29%26or%3D%28x", "%2522%29%26or%3D%28x")]
    [InlineData("\r\nHost: x", "%0D%0AHost%3A%20x", "%0D%0AHost%3A%20x")]
    [InlineData("\"),id.gt.(\"", "%22%29%2Cid.gt.%28%22", "%5C%22%29%2Cid.gt.%28%5C%22")]
    public void Build_HostileKey_StaysOneValue(string key, string plain, string quoted)
    {
        Assert.Equal($"id=gt.{plain}&order=id.asc&limit=100", Tail(One, PageOrder.Key, new CursorPosition(PageOrder.Key, null, [key])));
        Assert.Contains($"id.gt.%22{quoted}%22))", Tail(One, PageOrder.Cursor, new CursorPosition(PageOrder.Cursor, "x", [key])), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_VeryLongKey_OutgrowsTheStackBuffer()
    {
        var key = new string('ä', 5_000);

        Assert.Contains(string.Concat(Enumerable.Repeat("%C3%A4", 5_000)), Tail(One, PageOrder.Key, new CursorPosition(PageOrder.Key, null, [key])), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_AnyText_DecodesToItself() => CsCheck.Check.Sample(CsCheck.Gen.String, text =>
    {
        // A lone surrogate has no UTF-8, and PostgreSQL cannot hold one.
        if (text.EnumerateRunes().Any(rune => rune.Value == 0xFFFD))
        {
            return;
        }

        var tail = Tail(One, PageOrder.Key, new CursorPosition(PageOrder.Key, null, [text]));
        Assert.Equal(text, Uri.UnescapeDataString(tail["id=gt.".Length..tail.IndexOf('&', StringComparison.Ordinal)]));
    });

    [Fact]
    public void Build_KeyRange_HasBothBounds() => Assert.Equal(
        "id=gt.k1&id=lte.k2&order=id.asc&limit=100",
        Tail(One, new PageQuery(One, PageOrder.Key, new CursorPosition(PageOrder.Key, null, ["k1"]), 100) { UpTo = ["k2"] }));

    [Fact]
    public void Build_KeyRangeOfTwoKeys_HasATreeForEachBound() => Assert.Equal(
        "a=gte.1&or=(a.gt.%221%22,and(a.eq.%221%22,b.gt.%222%22))&a=lte.3&and=(or(a.lt.%223%22,and(a.eq.%223%22,b.lte.%224%22)))&order=a.asc,b.asc&limit=100",
        Tail(Two, new PageQuery(Two, PageOrder.Key, new CursorPosition(PageOrder.Key, null, ["1", "2"]), 100) { UpTo = ["3", "4"] }));

    [Fact]
    public void Build_KeyRangeBoundedByTheFirstValues_ComparesThoseAlone() => Assert.Equal(
        "a=gte.1&or=(a.gt.%221%22,and(a.eq.%221%22,b.gt.%222%22))&a=lte.3&order=a.asc,b.asc,c.asc&limit=100",
        Tail(Three, new PageQuery(Three, PageOrder.Key, new CursorPosition(PageOrder.Key, null, ["1", "2"]), 100) { UpTo = ["3"] }));

    [Fact]
    public void Build_FromTheEnd_TurnsTheOrderRound() => Assert.Equal(
        "order=a.desc,b.desc&limit=1", Tail(Two, new PageQuery(Two, PageOrder.Key, null, 1) { Descending = true }));

    [Fact]
    public void Build_PositionOfAnotherOrder_IsRefused() =>
        Assert.Throws<InvalidOperationException>(() => Tail(One, PageOrder.Key, CursorPosition.AtOrAfter(Stamp)));

    private static DatasetBuilder Define(params string[] keys)
    {
        var builder = Dataset.Define("artifacts");
        foreach (var key in keys)
        {
            builder.Key(key, ColumnType.Text);
        }

        return builder.UpdatedAt("updated_at").Column("data", ColumnType.Json);
    }

    private static string Tail(Dataset dataset, PageOrder order, CursorPosition? after) => Tail(dataset, new PageQuery(dataset, order, after, 100));

    private static string Tail(Dataset dataset, PageQuery query)
    {
        var url = new PageUrl("https://abc.supabase.co", dataset).Build(query).OriginalString;
        var start = $"https://abc.supabase.co/rest/v1/artifacts?select={string.Join(',', dataset.Columns.Select(column => column.Name))}&";
        Assert.StartsWith(start, url, StringComparison.Ordinal);
        return url[start.Length..];
    }
}
