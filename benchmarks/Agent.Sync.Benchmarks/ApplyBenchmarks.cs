using Agent.Sync.Sqlite;
using Agent.Sync.Stores;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;

namespace Agent.Sync.Benchmarks;

/// <summary>
/// How near does the store come to SQLite itself? 30,000 rows of about 1.3 KB in key order, transactions of 10,000 rows,
/// a new file each time. The limit binds values that were made before, in a table without triggers.
/// </summary>
[MemoryDiagnoser]
[SimpleJob(RunStrategy.Monitoring, launchCount: 1, warmupCount: 3, iterationCount: 9, invocationCount: 1)]
public class ApplyBenchmarks
{
    /// <summary>Rows per operation.</summary>
    public const int Rows = 30_000;

    private const int RowsPerPage = 1_000;

    private const int PagesPerCommit = 10;

    private readonly ApplyRows _rows = new(Rows / RowsPerPage, RowsPerPage);
    private string _directory = string.Empty;
    private SqliteStore _store = null!;
    private SqliteStore _pullOnly = null!;
    private BareSqlite _bare = null!;
    private Page[] _pages = [];

    /// <summary>Makes the pages once.</summary>
    [GlobalSetup]
    public void Setup() => _pages = [.. _rows.Json.Select(static json => Page.Parse(ApplyRows.Dataset, json))];

    /// <summary>Makes an empty table in a new file.</summary>
    [IterationSetup]
    public void Open()
    {
        _directory = Directory.CreateTempSubdirectory("agent-sync-bench-").FullName;
        var path = Path.Combine(_directory, "pull-only.db");
        _store = new SqliteStore(Path.Combine(_directory, "app.db"));
        _store.PrepareAsync(ApplyRows.Dataset, CancellationToken.None).AsTask().Wait();
        _pullOnly = new SqliteStore(new SqliteStoreOptions { DatabasePath = path, RecordChanges = false });
        _pullOnly.PrepareAsync(ApplyRows.Dataset, CancellationToken.None).AsTask().Wait();
        _bare = new BareSqlite(path, _rows);
    }

    /// <summary>Removes the file.</summary>
    [IterationCleanup]
    public void Close()
    {
        _bare.Dispose();
        _store.Dispose();
        _pullOnly.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>The limit: a prepared upsert, ready values.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Rows)]
    public void BareUpsertOfReadyValues()
    {
        for (var page = 0; page < _pages.Length; page += PagesPerCommit)
        {
            _bare.Upsert(page * RowsPerPage, PagesPerCommit * RowsPerPage);
        }
    }

    /// <summary>The store, pages parsed before.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public void StoreApply() => ApplyAll(_store);

    /// <summary>The same without the triggers that record the app's edits.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public void PullOnlyStoreApply() => ApplyAll(_pullOnly);

    /// <summary>The parse and the store: what a pull costs beside the network.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public void ParseAndStoreApply()
    {
        for (var page = 0; page < _pages.Length; page += PagesPerCommit)
        {
            Page[] pages = [.. _rows.Json.Skip(page).Take(PagesPerCommit).Select(static json => Page.Parse(ApplyRows.Dataset, json))];
            Apply(_store, pages);
            Array.ForEach(pages, static parsed => parsed.Dispose());
        }
    }

    private void ApplyAll(SqliteStore store)
    {
        for (var page = 0; page < _pages.Length; page += PagesPerCommit)
        {
            Apply(store, _pages.AsSpan(page, PagesPerCommit).ToArray());
        }
    }

    private static void Apply(SqliteStore store, Page[] pages) =>
        store.ApplyAsync(new ApplyBatch(ApplyRows.Dataset, pages, Checkpoint: null, Generation: null), CancellationToken.None).AsTask().Wait();
}
