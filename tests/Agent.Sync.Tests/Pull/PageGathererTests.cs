using System.Threading.Channels;
using Agent.Sync.Pull;
using Agent.Sync.Seams;
using Agent.Sync.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.Pull;

public sealed class PageGathererTests
{
    private readonly FakeTimeProvider _time = new(Items.Noon);
    private readonly CommitOptions _policy = new() { Interval = TimeSpan.FromMilliseconds(250) };
    private readonly ScriptedPass _pass = new();
    private readonly List<Page> _pages = [];

    [Fact]
    public async Task GatherAsync_BoundInRows_EndsTheGroupWithThePageThatReachesIt()
    {
        _policy.Rows = 3;
        var gatherer = Gatherer(Endless());

        using var first = await gatherer.GatherAsync();
        using var second = await gatherer.GatherAsync();

        Assert.Equal([2, 2], first.Pages.Select(page => page.Page.Count));
        Assert.Equal(4, first.Rows);
        Assert.Equal(2, second.Pages.Count);
        Assert.False(first.EndsPass);
    }

    [Fact]
    public async Task GatherAsync_BoundInBytes_EndsTheGroup()
    {
        _policy.Bytes = 1;

        using var group = await Gatherer(Endless()).GatherAsync();

        Assert.Single(group.Pages);
        Assert.Equal(group.Pages[0].Page.Utf8Json.Length, group.Bytes);
    }

    [Fact]
    public async Task GatherAsync_ZeroInterval_EndsTheGroupAtEveryPage()
    {
        _policy.Interval = TimeSpan.Zero;

        using var group = await Gatherer(Endless()).GatherAsync();

        Assert.Single(group.Pages);
    }

    [Fact]
    public async Task GatherAsync_NextPageLate_EndsTheGroupAtTheDeadlineAndKeepsThePageForTheNext()
    {
        var channel = Channel.CreateUnbounded<PulledPage>();
        var gatherer = Gatherer(channel.Reader.ReadAllAsync(TestContext.Current.CancellationToken));
        channel.Writer.TryWrite(Make(1));
        var gathering = gatherer.GatherAsync();
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(gathering.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        using var first = await gathering;
        channel.Writer.TryWrite(Make(2));
        channel.Writer.Complete();
        using var second = await gatherer.GatherAsync();

        Assert.Single(first.Pages);
        Assert.Equal(1, first.Rows / 2);
        Assert.Equal("3", second.Pages[0].Last!.KeyValues[0][..1]);
        Assert.True(second.EndsPass);
    }

    [Fact]
    public async Task GatherAsync_FirstPageLate_WaitsHoweverLong()
    {
        var channel = Channel.CreateUnbounded<PulledPage>();
        var gathering = Gatherer(channel.Reader.ReadAllAsync(TestContext.Current.CancellationToken)).GatherAsync();

        _time.Advance(TimeSpan.FromHours(1));

        Assert.False(gathering.IsCompleted);
        channel.Writer.Complete();
        using var group = await gathering;
        Assert.True(group.EndsPass);
    }

    [Fact]
    public async Task GatherAsync_PagesAlwaysReady_StillEndsAtTheDeadline()
    {
        using var group = await Gatherer(Endless(TimeSpan.FromMilliseconds(100))).GatherAsync();

        Assert.Equal(3, group.Pages.Count);
    }

    [Fact]
    public async Task GatherAsync_PassEnds_SaysSo()
    {
        _pass.Ends = static page => page == 1;

        using var group = await Gatherer(Endless()).GatherAsync();

        Assert.Equal(2, group.Pages.Count);
        Assert.True(group.EndsPass);
    }

    [Fact]
    public async Task GatherAsync_FailureOrCancellation_ComesWithTheGoodPages()
    {
        foreach (var failure in new Exception[] { Failures.Unreachable, new OperationCanceledException() })
        {
            using var group = await Gatherer(Failing(2, failure)).GatherAsync();

            Assert.Equal(2, group.Pages.Count);
            Assert.Same(failure, group.Failure!.SourceException);
            Assert.False(group.EndsPass);
            Assert.All(group.Pages, page => Assert.False(Items.IsDisposed(page.Page)));
        }
    }

    [Fact]
    public async Task GatherAsync_PageThatThePassRefuses_IsNotInTheGroup()
    {
        _pass.Ends = static page => page == 0 ? false : throw Failures.Unreachable;

        using var group = await Gatherer(Endless()).GatherAsync();

        Assert.Single(group.Pages);
        Assert.NotNull(group.Failure);
        Assert.True(Items.IsDisposed(_pages[1]));
    }

    [Fact]
    public async Task EndAsync_PageStillUnderWay_IsDisposedWhenItComes()
    {
        var channel = Channel.CreateUnbounded<PulledPage>();
        var gatherer = Gatherer(channel.Reader.ReadAllAsync(TestContext.Current.CancellationToken));
        channel.Writer.TryWrite(Make(1));
        var gathering = gatherer.GatherAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        (await gathering).Dispose();

        var ending = gatherer.EndAsync();
        Assert.False(ending.IsCompleted);
        channel.Writer.TryWrite(Make(2));
        await ending;

        Assert.All(_pages, page => Assert.True(Items.IsDisposed(page)));
    }

    [Fact]
    public async Task Dispose_OfAGroup_DisposesItsPages()
    {
        _policy.Rows = 5;
        var group = await Gatherer(Endless()).GatherAsync();

        group.Dispose();
        group.Dispose();

        Assert.All(group.Pages, page => Assert.True(Items.IsDisposed(page.Page)));
    }

    private PageGatherer Gatherer(IAsyncEnumerable<PulledPage> pages) =>
        new(pages.GetAsyncEnumerator(TestContext.Current.CancellationToken), _pass, _policy, new EngineSeams { Time = _time, Work = new InlineWork() });

    private PulledPage Make(int number)
    {
        var page = Items.Pulled(Items.Page((2 * number, number), ((2 * number) + 1, number)));
        _pages.Add(page.Page);
        return page with { Last = new CursorPosition(PageOrder.Key, null, [$"{number + 1}"]) };
    }

#pragma warning disable CS1998 // Pages that are there at once.
    private async IAsyncEnumerable<PulledPage> Endless(TimeSpan pace = default)
    {
        for (var page = 0; page < 1000; page++)
        {
            if (page > 0)
            {
                _time.Advance(pace);
            }

            yield return Make(page);
        }
    }

    private async IAsyncEnumerable<PulledPage> Failing(int after, Exception failure)
    {
        for (var page = 0; page < after; page++)
        {
            yield return Make(page);
        }

        throw failure;
    }
#pragma warning restore CS1998
}
