using System.Globalization;
using Agent.Sync.Checkpoints;
using Agent.Sync.Postgrest;
using Agent.Sync.Pull;
using Agent.Sync.Tests.Fakes;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.Pull;

public sealed class RangePagerTests
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly RequestTally _tally = new();
    private readonly WriterWatch _writer = new() { Waits = true };

    /// <summary>Whatever the keys and the order of the answers: each key comes once, and what is called unread is just what has not come yet.</summary>
    [Fact]
    public void ReadAsync_AnyKeysInAnyOrder_BringsEachOnceAndKnowsWhatIsUnread() => Gen.Select(Keys, Gen.Int[1, 40], Gen.Int).Sample((keys, pageSize, seed) =>
    {
        var random = new Random(seed);
        var walk = Walk(new KeyedTransport(keys), [KeyRange.Everything], pageSize, random);

        Assert.Equal(keys, walk.Rows.Order());
    });

    /// <summary>A process that ends at any page goes on from the ranges of that page's checkpoint.</summary>
    [Fact]
    public void ReadAsync_FromTheRangesOfAnyPage_BringsJustTheRest() => Gen.Select(Keys, Gen.Int[1, 40], Gen.Int).Sample((keys, pageSize, seed) =>
    {
        var random = new Random(seed);
        var whole = Walk(new KeyedTransport(keys), [KeyRange.Everything], pageSize, random);
        var end = random.Next(whole.Unread.Count);
        var before = Walk(new KeyedTransport(keys), [KeyRange.Everything], pageSize, new Random(seed), mostPages: end);

        var rest = Walk(new KeyedTransport(keys), before.Unread.Count == 0 ? [KeyRange.Everything] : before.Unread[^1], pageSize, random);

        Assert.Equal(keys, before.Rows.Concat(rest.Rows).Order());
    });

    [Fact]
    public void ReadAsync_ManyRows_HasTheMostRequestsUnderWay()
    {
        var transport = new KeyedTransport([.. Enumerable.Range(0, 5_000)]);

        Walk(transport, [KeyRange.Everything], pageSize: 10, new Random(1));

        Assert.Equal(12, transport.MostPending);

        // A range costs one request more, for its end.
        Assert.InRange(transport.Queries.Count, 501, 600);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(39)]
    public void ReadAsync_FewRows_AsksAsOftenAsOneChainDoes(int rows)
    {
        var transport = new KeyedTransport([.. Enumerable.Range(0, rows)]);

        Walk(transport, [KeyRange.Everything], pageSize: 10, new Random(1));

        Assert.Equal(((rows + 9) / 10) + 1, transport.Queries.Count);
        Assert.Equal(1, transport.MostPending);
    }

    [Fact]
    public void ReadAsync_TotalSaysThatFewRowsAreLeft_AsksAsOftenAsOneChainDoes()
    {
        var transport = new KeyedTransport([.. Enumerable.Range(0, 79)]) { Total = 79 };

        Walk(transport, [KeyRange.Everything], pageSize: 10, new Random(1));

        Assert.Equal(9, transport.Queries.Count);
    }

    [Fact]
    public void ReadAsync_TotalIsEstimatedMuchTooLow_IsNotBelieved()
    {
        var transport = new KeyedTransport([.. Enumerable.Range(0, 5_000)]) { Total = 60 };

        Walk(transport, [KeyRange.Everything], pageSize: 10, new Random(1));

        Assert.Equal(12, transport.MostPending);
    }

    [Fact]
    public void ReadAsync_WriterIsBusy_HasOneRequestUnderWay()
    {
        _writer.Waits = false;
        var transport = new KeyedTransport([.. Enumerable.Range(0, 1_000)]);

        Walk(transport, [KeyRange.Everything], pageSize: 10, new Random(1));

        Assert.Equal(1, transport.MostPending);
    }

    [Fact]
    public void ReadAsync_KeysInTwoHeapsFarApart_WastesFewRequests()
    {
        var transport = new KeyedTransport([.. Enumerable.Range(0, 500), .. Enumerable.Range(0, 500).Select(static key => 1_000_000_000_000_000 + key)]);

        Walk(transport, [KeyRange.Everything], pageSize: 10, new Random(1));

        Assert.InRange(transport.Queries.Count, 101, 250);
    }

    [Fact]
    public void ReadAsync_ServerAsksToSlowDown_HasFewerRequestsUnderWay()
    {
        var transport = new KeyedTransport([.. Enumerable.Range(0, 5_000)]);
        var pages = 0;

        Walk(transport, [KeyRange.Everything], pageSize: 10, new Random(1), each: () =>
        {
            if (++pages > 100)
            {
                _tally.CountRetry();
                Assert.InRange(transport.Pending, 0, pages < 120 ? 12 : 1);
            }
        });
    }

    [Fact]
    public async Task ReadAsync_ServerIgnoresTheEndOfARange_IsRefused()
    {
        var transport = new KeyedTransport([.. Enumerable.Range(0, 1_000)])
        {
            Lie = static (query, keys) => query.UpTo is null || query.After is null
                ? query.Descending ? keys.Reverse() : keys.Where(key => query.After is null || key > long.Parse(query.After.KeyValues[0], CultureInfo.InvariantCulture))
                : keys.TakeLast(query.Limit),
        };

        await Assert.ThrowsAsync<SyncProtocolException>(() => Task.FromResult(Walk(transport, [KeyRange.Everything], pageSize: 10, new Random(1))));
    }

    [Fact]
    public void ReadAsync_LastKeyCannotBeRead_GoesOnAsOneChain()
    {
        var transport = new KeyedTransport([.. Enumerable.Range(0, 1_000)]);
        transport.Fault = number => transport.Queries[number - 1].Descending ? Failures.Unreachable : null;

        var walk = Walk(transport, [KeyRange.Everything], pageSize: 10, new Random(1));

        Assert.Equal(1_000, walk.Rows.Count);
        Assert.Single(transport.Queries, static query => query.Descending);
    }

    [Fact]
    public void ReadAsync_OneRequestFails_CancelsTheOthersAndSurfacesIt()
    {
        var transport = new KeyedTransport([.. Enumerable.Range(0, 1_000)]);
        transport.Fault = number => number == 40 ? Failures.Unreachable : null;

        var failure = Assert.Throws<SyncTransportException>(() => Walk(transport, [KeyRange.Everything], pageSize: 10, new Random(1)));

        Assert.Equal(0, transport.Pending);
        Assert.Same(Failures.Unreachable, failure);
    }

    /// <summary>Dense, sparse and clustered keys, some negative.</summary>
    private static Gen<long[]> Keys { get; } = Gen.OneOf(
        Gen.Int[0, 600].Select(static count => Enumerable.Range(0, count).Select(static key => (long)key).ToArray()),
        Gen.Long.HashSet[0, 300].Select(static keys => keys.Order().ToArray()),
        Gen.Select(Gen.Int[0, 200], Gen.Int[0, 200], static (few, more) => Enumerable.Range(-5, few).Select(static key => (long)key)
            .Concat(Enumerable.Range(0, more).Select(static key => long.MaxValue - 1_000 + key)).ToArray()));

    /// <summary>Reads to the end, or up to some page, while the answers come in an order of chance.</summary>
    private PagedWalk Walk(
        KeyedTransport transport, IReadOnlyList<KeyRange> ranges, int pageSize, Random random, int mostPages = int.MaxValue, Action? each = null)
    {
        var pager = new RangePager(
            Items.Fetcher(transport, new PageSizer(pageSize, pageSize), _time), ranges, new PullConcurrency(12, _writer), _tally);
        var pages = pager.ReadAsync(TotalCount.None, TestContext.Current.CancellationToken).GetAsyncEnumerator(CancellationToken.None);
        var walk = new PagedWalk();
        var came = new HashSet<long>();
        while (walk.Unread.Count < mostPages && Complete(pages.MoveNextAsync().AsTask(), transport, random))
        {
            var page = pages.Current;
            for (var row = 0; row < page.Page.Count; row++)
            {
                var key = long.Parse(page.Page.GetCell(row, 0).Utf8, CultureInfo.InvariantCulture);
                Assert.True(came.Add(key), "A key came twice.");
                walk.Rows.Add(key);
                Assert.Equal(0, TimesUnread(page.Unread, key));
            }

            walk.Unread.Add(page.Unread);
            page.Page.Dispose();
            each?.Invoke();
        }

        Complete(pages.DisposeAsync().AsTask().ContinueWith(static _ => true, TaskScheduler.Default), transport, random);
        return walk;
    }

    private bool Complete(Task<bool> step, KeyedTransport transport, Random random)
    {
        while (!step.IsCompleted)
        {
            // A server that works on all requests at once, and now and then leaves some for later.
            _time.Advance(Latency);
            for (var left = random.Next(8) == 0 ? random.Next(transport.Pending) : 0; transport.Pending > left;)
            {
                transport.Answer(random.Next(transport.Pending));
            }
        }

        return step.GetAwaiter().GetResult();
    }

    private static int TimesUnread(IReadOnlyList<KeyRange> ranges, long key) => ranges.Count(range =>
        (range.After is not { } after || key > long.Parse(after[0], CultureInfo.InvariantCulture))
        && (range.To is not { } to || key <= long.Parse(to[0], CultureInfo.InvariantCulture)));

    private sealed class PagedWalk
    {
        public List<long> Rows { get; } = [];

        public List<IReadOnlyList<KeyRange>> Unread { get; } = [];
    }
}
