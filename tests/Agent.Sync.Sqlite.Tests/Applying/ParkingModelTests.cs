using Agent.Sync.Sqlite.Tests.Outbox;
using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Applying;

/// <summary>
/// Random commits of a server whose titles are unique, in pages and batches of any size, to a table with a unique index and a CHECK that the server lacks. Every row that
/// the table can hold must be there as the server has it, whatever became of the others.
/// </summary>
public sealed class ParkingModelTests : OutboxTest
{
    private const int Keys = 9;

    private static readonly string[] Indexes = ["(title)", "(lower(title))", "(title COLLATE NOCASE)", "(size, title)", "(title) WHERE id > 2"];

    private readonly SortedDictionary<long, (string Title, long Version)> _server = [];

    private readonly Dictionary<long, long> _gone = [];

    private long _version;

    public static TheoryData<int> Seeds { get; } = [.. Enumerable.Range(1, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Apply_AnyCommitsInAnyBatches_StoresAllThatFits(int seed)
    {
#pragma warning disable CA5394 // Repeatable on purpose.
        var random = new Random(seed);
        Execute($"CREATE TABLE tasks (id INTEGER NOT NULL PRIMARY KEY, title TEXT NOT NULL CHECK (title NOT LIKE 'bad%'), size INTEGER, mine TEXT){(seed % 3 == 0 ? " WITHOUT ROWID" : string.Empty)}; CREATE UNIQUE INDEX u ON tasks {Indexes[random.Next(Indexes.Length)]}");
        await Store.PrepareAsync(Tasks, Token);
        var seen = 0L;
        for (var round = 0; round < 12; round++)
        {
            for (var commit = random.Next(1, 4); commit > 0; commit--)
            {
                Commit(random, allowsBad: round < 11);
            }

            await PullAsync(seen, random.Next(1, 6), random.Next(1, 4));
            seen = _version;
            await CheckAsync();
            Execute("UPDATE tasks SET mine = 'm' || id");
        }
#pragma warning restore CA5394

        Commit(new Random(seed), allowsBad: false);
        foreach (var id in _server.Where(static row => row.Value.Title.StartsWith("bad", StringComparison.Ordinal)).Select(static row => row.Key).ToList())
        {
            _server[id] = ($"good{id}", ++_version);
        }

        await PullAsync(seen, 3, 2);
        await CheckAsync();
        Assert.Equal(0, await Store.CountParkedAsync(Tasks, Token));
        Assert.Equal(0L, Scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'agent_sync_aside_tasks'") is 0L ? 0L : Scalar("SELECT count(*) FROM agent_sync_aside_tasks"));
        Assert.Equal(0, CountChanges());
    }

#pragma warning disable CA5394 // Repeatable on purpose.
    private void Commit(Random random, bool allowsBad)
    {
        var ids = Enumerable.Range(1, Keys).Select(static id => (long)id).OrderBy(_ => random.Next()).Take(random.Next(1, 6)).ToList();
        var titles = ids.Where(_server.ContainsKey).Select(id => _server[id].Title).OrderBy(_ => random.Next()).ToList();
        foreach (var id in ids.Where(_server.ContainsKey))
        {
            _server.Remove(id);
            _gone[id] = ++_version;
        }

        foreach (var id in ids.Take(random.Next(ids.Count + 1)))
        {
            var title = titles.Count > 0 && random.Next(4) > 0 ? titles[^1] : allowsBad && random.Next(4) == 0 ? $"bad{++_version}" : $"t{++_version}";
            titles.Remove(title);
            _server[id] = (title, ++_version);
            _gone.Remove(id);
        }
    }
#pragma warning restore CA5394

    private async Task PullAsync(long after, int pageSize, int pagesPerBatch)
    {
        var rows = _server.Select(static row => (row.Value.Version, Json: Task(row.Key, row.Value.Title, row.Value.Version)))
            .Concat(_gone.Select(static row => (Version: row.Value, Json: Task(row.Key, "gone", row.Value, isDeleted: true))))
            .Where(row => row.Version > after).OrderBy(static row => row.Version).Select(static row => row.Json);
        foreach (var batch in rows.Chunk(pageSize).Chunk(pagesPerBatch))
        {
            var pages = batch.Select(static page => PageOf(Tasks, page)).ToList();
            await Store.ApplyAsync(new ApplyBatch(Tasks, pages, Checkpoint: null, Generation: null), Token);
            pages.ForEach(static page => page.Dispose());
        }
    }

    private async Task CheckAsync()
    {
        var bad = _server.Where(static row => row.Value.Title.StartsWith("bad", StringComparison.Ordinal)).Select(static row => row.Key).ToList();
        var parked = (await Store.ListParkedAsync(Tasks, 0, 100, Token)).Select(static row => row.Key).Order();
        Assert.Equal(bad.Select(static id => $$"""{"id":{{id}}}""").Order(), parked);
        var fitting = _server.Where(row => !bad.Contains(row.Key)).Select(static row => $"{row.Key}={row.Value.Title}");
        Assert.Equal(string.Join(',', fitting), string.Join(',', Rows().Split(',', StringSplitOptions.RemoveEmptyEntries).Where(row => !bad.Contains(long.Parse(row.Split('=')[0], System.Globalization.CultureInfo.InvariantCulture)))));
    }
}
