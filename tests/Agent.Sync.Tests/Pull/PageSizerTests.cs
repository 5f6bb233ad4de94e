using Agent.Sync.Pull;

namespace Agent.Sync.Tests.Pull;

public sealed class PageSizerTests
{
    [Theory]
    [InlineData(1000, new[] { 500, 250, 125, 62, 31, 15, 10 })]
    [InlineData(100, new[] { 50, 25, 12, 10 })]
    [InlineData(11, new[] { 10 })]
    [InlineData(10, new int[0])]
    [InlineData(3, new int[0])]
    public void TryShrink_UntilTheFloor_HalvesAndThenFails(int configured, int[] expected)
    {
        var sizer = new PageSizer(configured);
        var limits = new List<int>();
        while (sizer.TryShrink())
        {
            limits.Add(sizer.Limit);
        }

        Assert.Equal(expected, limits);
    }

    [Fact]
    public void Note_SixteenCalmPages_GrowsSlowlyBackToTheConfiguredSize()
    {
        var sizer = new PageSizer(100);
        sizer.TryShrink();
        sizer.TryShrink();
        var limits = new List<int>();
        for (var page = 0; page < 40; page++)
        {
            sizer.Record(sizer.Limit);
            limits.Add(sizer.Limit);
        }

        Assert.Equal(Enumerable.Repeat(25, 15).Concat(Enumerable.Repeat(50, 16)).Concat(Enumerable.Repeat(100, 9)), limits);
    }

    [Fact]
    public void Note_ShortPageThatAnotherFollows_TeachesTheServersCap()
    {
        var sizer = new PageSizer(100);

        Assert.False(sizer.Record(40));
        Assert.True(sizer.Record(40));
        Assert.False(sizer.Record(39));
        Assert.False(sizer.Record(0));
    }

    [Fact]
    public void Note_FullPage_IsFull()
    {
        var sizer = new PageSizer(100);

        Assert.True(sizer.Record(100));
        Assert.False(sizer.Record(99));
    }
}
