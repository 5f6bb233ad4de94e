using Agent.Sync.Pull;

namespace Agent.Sync.Tests.Pull;

public sealed class PageSizerTests
{
    private readonly PageChain _chain = new(new PageOrderGuard(Fakes.Items.Dataset, PageOrder.Cursor, after: null));

    [Theory]
    [InlineData(1000, new[] { 500, 250, 125, 62, 31, 15, 10 })]
    [InlineData(100, new[] { 50, 25, 12, 10 })]
    [InlineData(11, new[] { 10 })]
    [InlineData(10, new int[0])]
    [InlineData(3, new int[0])]
    public void TryShrink_UntilTheFloor_HalvesAndThenFails(int size, int[] expected)
    {
        var sizer = Fixed(size);
        var limits = new List<int>();
        while (sizer.TryShrink(sizer.Limit))
        {
            limits.Add(sizer.Limit);
        }

        Assert.Equal(expected, limits);
    }

    [Fact]
    public void TryShrink_PagesOfOneSizeUnderWayTogether_HalvesOnce()
    {
        var sizer = Fixed(100);

        Assert.True(sizer.TryShrink(100));
        Assert.True(sizer.TryShrink(100));

        Assert.Equal(50, sizer.Limit);
    }

    [Fact]
    public void Record_SixteenCalmPages_GrowsSlowlyBackToTheFixedSize()
    {
        var sizer = Fixed(100);
        sizer.TryShrink(100);
        sizer.TryShrink(50);
        var limits = new List<int>();
        for (var page = 0; page < 40; page++)
        {
            Record(sizer, sizer.Limit, sizer.Limit);
            limits.Add(sizer.Limit);
        }

        Assert.Equal(Enumerable.Repeat(25, 15).Concat(Enumerable.Repeat(50, 16)).Concat(Enumerable.Repeat(100, 9)), limits);
    }

    [Fact]
    public void Record_ShortPageThatAnotherFollows_TeachesTheServersCap()
    {
        var sizer = Fixed(100);

        Assert.False(Record(sizer, 100, 40));
        Assert.True(Record(sizer, 100, 40));
        Assert.False(Record(sizer, 100, 39));
        Assert.False(Record(sizer, 100, 0));
    }

    [Fact]
    public void Record_ShortPageOfAnotherChain_TeachesNothing()
    {
        var sizer = Fixed(100);
        var other = new PageChain(new PageOrderGuard(Fakes.Items.Dataset, PageOrder.Cursor, after: null));

        Record(sizer, 100, 40);
        sizer.Record(other, 100, 30, bytes: 1, TimeSpan.Zero);

        Assert.False(Record(sizer, 100, 0));
        Assert.False(sizer.Record(other, 100, 0, bytes: 1, TimeSpan.Zero));
    }

    [Fact]
    public void Record_FullPage_IsFull()
    {
        var sizer = Fixed(100);

        Assert.True(Record(sizer, 100, 100));
        Assert.False(Record(sizer, 100, 99));
    }

    [Fact]
    public void Record_FullSmallQuickPages_GrowsToTheMost()
    {
        var sizer = new PageSizer(100, 1000);
        var limits = new List<int>();
        for (var page = 0; page < 6; page++)
        {
            Record(sizer, sizer.Limit, sizer.Limit);
            limits.Add(sizer.Limit);
        }

        Assert.Equal([200, 400, 800, 1000, 1000, 1000], limits);
    }

    [Theory]
    [InlineData(99, 1_000, 10)]
    [InlineData(100, 1_100_000, 10)]
    [InlineData(100, 1_000, 1_000)]
    public void Record_ShortOrLargeOrSlowPage_DoesNotGrow(int rows, int bytes, int milliseconds)
    {
        var sizer = new PageSizer(100, 1000);

        sizer.Record(_chain, 100, rows, bytes, TimeSpan.FromMilliseconds(milliseconds));

        Assert.Equal(100, sizer.Limit);
    }

    [Fact]
    public void Record_PageAskedForBeforeTheLastGrowth_DoesNotCount()
    {
        var sizer = new PageSizer(100, 1000);

        Record(sizer, 100, 100);
        Record(sizer, 100, 100);

        Assert.Equal(200, sizer.Limit);
    }

    [Fact]
    public void Record_AfterATimeout_GrowsSlowly()
    {
        var sizer = new PageSizer(100, 1000);
        Record(sizer, 100, 100);
        sizer.TryShrink(200);

        for (var page = 0; page < 15; page++)
        {
            Record(sizer, 100, 100);
        }

        Assert.Equal(100, sizer.Limit);
        Record(sizer, 100, 100);
        Assert.Equal(200, sizer.Limit);
    }

    [Fact]
    public void For_SizeInRequestOrOptions_IsFixed()
    {
        var set = new SyncOptions { PageSize = 100 };

        Assert.Equal(100, Grown(PageSizer.For(new SyncRequest(), set)));
        Assert.Equal(100, Grown(PageSizer.For(new SyncRequest(), set.Copy())));
        Assert.Equal(50, Grown(PageSizer.For(new SyncRequest { PageSize = 50 }, new SyncOptions())));
        Assert.Equal(200, Grown(PageSizer.For(new SyncRequest(), new SyncOptions())));
        Assert.Equal(200, Grown(PageSizer.For(new SyncRequest(), new SyncOptions().Copy())));
    }

    private static PageSizer Fixed(int size) => new(size, size);

    private int Grown(PageSizer sizer)
    {
        Record(sizer, sizer.Limit, sizer.Limit);
        return sizer.Limit;
    }

    private bool Record(PageSizer sizer, int asked, int rows) => sizer.Record(_chain, asked, rows, bytes: 1_000, TimeSpan.FromMilliseconds(10));
}
