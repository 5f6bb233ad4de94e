using Agent.Sync.Postgrest;
using Agent.Sync.Pull;
using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Pull;

public sealed class CursorPagerTests
{
    private CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAsync_PageAtHand_HasTheNextRequestUnderWay()
    {
        var transport = new ScriptedTransport(() => Items.Page((1, 1)), () => Items.Page((2, 2)));
        await using var pages = Read(transport).GetAsyncEnumerator(TestContext.Current.CancellationToken);

        await pages.MoveNextAsync();

        Assert.Equal(2, transport.Queries.Count);
        Assert.Equal(new CursorPosition(PageOrder.Cursor, Items.Text(1), ["1"]), transport.Queries[1].After);
    }

    [Fact]
    public async Task ReadAsync_ShortPages_EndsAtTheEmptyOne()
    {
        var transport = new ScriptedTransport(() => Items.Page((1, 1), (2, 2), (3, 3)), () => Items.Page((4, 4)), () => Items.Page((5, 5)));
        var counts = new List<int>();

        await foreach (var page in Read(transport))
        {
            counts.Add(page.Page.Count);
        }

        Assert.Equal([3, 1, 1, 0], counts);
        Assert.Equal(4, transport.Queries.Count);
    }

    [Fact]
    public async Task ReadAsync_ToTheEnd_LeavesEveryPageToItsReader()
    {
        var transport = new ScriptedTransport(() => Items.Page((1, 1)));

        await foreach (var page in Read(transport))
        {
            Assert.NotNull(page);
        }

        Assert.Equal(2, transport.Pages.Count);
        Assert.All(transport.Pages, page => Assert.False(Items.IsDisposed(page)));
    }

    [Fact]
    public async Task ReadAsync_ReaderStopsEarly_CancelsTheRequestInFlight()
    {
        var cancelled = false;
        var transport = new ScriptedTransport(async (_, request, token) =>
        {
            if (request > 0)
            {
                var forever = new TaskCompletionSource();
                await using var registration = token.Register(() =>
                {
                    cancelled = true;
                    forever.SetCanceled(token);
                });
                await forever.Task;
            }

            return Items.Answer(Items.Page((1, 1)));
        });

        await foreach (var page in Read(transport))
        {
            page.Page.Dispose();
            break;
        }

        Assert.True(cancelled);
    }

    [Fact]
    public async Task ReadAsync_ReaderStopsEarly_DisposesThePageFetchedAhead()
    {
        var transport = new ScriptedTransport(() => Items.Page((1, 1)), () => Items.Page((2, 2)));

        await foreach (var page in Read(transport))
        {
            Assert.Equal(1, page.Page.Count);
            break;
        }

        Assert.False(Items.IsDisposed(transport.Pages[0]));
        Assert.True(Items.IsDisposed(transport.Pages[1]));
    }

    [Fact]
    public async Task ReadAsync_StatementTimeouts_ShrinkToTheFloorAndThenFail()
    {
        var transport = new ScriptedTransport((_, _, _) => Task.FromException<PageAnswer>(Failures.StatementTimeout));

        var exception = await Assert.ThrowsAsync<SyncTransportException>(() => ReadAllAsync(transport, pageSize: 100));

        Assert.Same(Failures.StatementTimeout, exception);
        Assert.Equal([100, 50, 25, 12, 10], transport.Queries.Select(query => query.Limit));
    }

    [Fact]
    public async Task ReadAsync_StatementTimeoutWithACount_AsksAgainWithoutIt()
    {
        // The total is for the progress bar alone; counting must not fail the pull.
        var transport = new ScriptedTransport((query, _, _) => query.Count == TotalCount.Exact
            ? Task.FromException<PageAnswer>(Failures.StatementTimeout)
            : Task.FromResult(Items.Answer(Items.Page())));

        await ReadAllAsync(transport, pageSize: 100, TotalCount.Exact);

        Assert.Equal([TotalCount.Exact, TotalCount.None], transport.Queries.Select(query => query.Count));
    }

    [Fact]
    public async Task ReadAsync_Count_IsAskedForOnceAtTheStart()
    {
        var transport = new ScriptedTransport(() => Items.Page((1, 1)), () => Items.Page((2, 2)));

        await ReadAllAsync(transport, pageSize: 10, TotalCount.Estimated);

        Assert.Equal([TotalCount.Estimated, TotalCount.None, TotalCount.None], transport.Queries.Select(query => query.Count));
    }

    [Fact]
    public async Task ReadAsync_TransportFails_SurfacesTheSameException()
    {
        var transport = new ScriptedTransport((_, request, _) => request == 0
            ? Task.FromResult(Items.Answer(Items.Page((1, 1))))
            : Task.FromException<PageAnswer>(Failures.Unreachable));

        Assert.Same(Failures.Unreachable, await Assert.ThrowsAsync<SyncTransportException>(() => ReadAllAsync(transport, pageSize: 10)));
    }

    [Fact]
    public async Task ReadAsync_Cancelled_ThrowsCancellationUnwrapped()
    {
        using var cancel = new CancellationTokenSource();
        _cancellation = cancel.Token;
        var transport = new ScriptedTransport((_, request, token) =>
        {
            if (request == 1)
            {
                cancel.Cancel();
                token.ThrowIfCancellationRequested();
            }

            return Task.FromResult(Items.Answer(Items.Page((1, 1))));
        });

        await Assert.ThrowsAsync<OperationCanceledException>(() => ReadAllAsync(transport, pageSize: 10));
    }

    [Fact]
    public async Task ReadAsync_PageOutOfOrder_IsDisposedAndRefused()
    {
        var transport = new ScriptedTransport(() => Items.Page((1, 1)), () => Items.Page((1, 1)));

        await Assert.ThrowsAsync<SyncProtocolException>(() => ReadAllAsync(transport, pageSize: 10));

        Assert.True(Items.IsDisposed(transport.Pages[1]));
    }

    private async Task ReadAllAsync(
        ScriptedTransport transport, int pageSize, TotalCount count = TotalCount.None)
    {
        await foreach (var page in Read(transport, pageSize, count))
        {
            page.Page.Dispose();
        }
    }

    private IAsyncEnumerable<PulledPage> Read(
        ScriptedTransport transport, int pageSize = 10, TotalCount count = TotalCount.None) =>
        new CursorPager(Items.Fetcher(transport, new PageSizer(pageSize, pageSize))).ReadAsync(after: null, count, _cancellation);
}
