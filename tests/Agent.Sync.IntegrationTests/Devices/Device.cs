using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Contract;
using Agent.Sync.IntegrationTests.Faults;
using Agent.Sync.Sqlite;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;
using ApiContract.Checking;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.IntegrationTests.Devices;

/// <summary>One user's device: a SQLite file, and engines on it. Everything is removed at the end.</summary>
internal sealed class Device : IAsyncDisposable
{
    private readonly Backend _backend;
    private readonly CheckedRequests _sent = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("agent-sync-device-");

    public Device(Backend backend, TestUser user, params Dataset[] datasets)
    {
        _backend = backend;
        User = user;
        Datasets = datasets.Length > 0 ? [.. datasets] : [Devices.Datasets.Artifacts];
        Requests = new RequestHook(user.Token);
    }

    public TestUser User { get; set; }

    /// <summary>Gets or sets the datasets of the engines opened from now on.</summary>
    public IReadOnlyList<Dataset> Datasets { get; set; }

    /// <summary>Gets what sees every request before it is sent.</summary>
    public RequestHook Requests { get; }

    /// <summary>Gets what was sent. Every request is checked against docs/openapi.json.</summary>
    public ContractLog Sent => _sent.Log;

    /// <summary>Gets or sets what changes the options of the engines opened from now on.</summary>
    public Action<SyncOptions>? Configure { get; set; }

    /// <summary>Gets or sets what is told about every commit.</summary>
    public Func<ApplyBatch, Task>? AfterApply { get; set; }

    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Gets or sets what the engines opened from now on send through; it stays the caller's to dispose.</summary>
    public HttpMessageHandler? Handler { get; set; }

    public string Folder => _folder.FullName;

    public string DatabasePath => Path.Combine(Folder, "rows.db");

    /// <summary>Opens the file with a new engine, as an app that has just started does.</summary>
    public OpenEngine Open()
    {
        var store = new HookedStore(new SqliteStore(new SqliteStoreOptions { DatabasePath = DatabasePath, Synchronous = SqliteSynchronous.Normal }))
        {
            AfterApply = AfterApply,
        };
        return new OpenEngine(Build(builder => builder.UseLocalStore(store)), store);
    }

    /// <summary>Builds an engine on stores of the caller's.</summary>
    public ISyncEngine Build(Action<SyncEngineBuilder> useStores)
    {
        var builder = new SyncEngineBuilder().Configure(SetUp).UseHttpMessageHandler(_sent.HandlerFor(Datasets));
        if (LoggerFactory is not null)
        {
            builder.UseLoggerFactory(LoggerFactory);
        }

        if (Handler is not null)
        {
            builder.UseHttpMessageHandler(Handler);
        }

        useStores(builder);
        return builder.Build();
    }

    /// <summary>Syncs once with a new engine.</summary>
    public async Task<SyncResult> SyncAsync(
        SyncRequest? request = null, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        await using var open = Open();
        return await open.Engine.SyncAsync(request ?? new SyncRequest(), progress, cancellationToken);
    }

    /// <summary>Syncs until no more than a page is newer than the server's second: what a run says with HasMore.</summary>
    public async Task<SyncResult> SyncToTheEndAsync()
    {
        while (true)
        {
            var result = await SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
            if (!result.Datasets.Any(static dataset => dataset.HasMore))
            {
                return result;
            }
        }
    }

    public async Task<DatasetStatus> StatusAsync()
    {
        await using var open = Open();
        return (await open.Engine.GetStatusAsync()).Datasets[0];
    }

    public async Task ResetAsync()
    {
        await using var open = Open();
        await open.Engine.ResetAsync(Datasets[0].Name);
    }

    /// <summary>Fails unless the local table is what the user may see on the server, value by value.</summary>
    public async Task AssertEqualToServerAsync(Dataset? dataset = null)
    {
        dataset ??= Datasets[0];
        var server = await ServerRows.DigestAsync(_backend, User, dataset);
        var local = await LocalRows.DigestAsync(DatabasePath, dataset);
        if (server == local)
        {
            return;
        }

        var onServer = (await ServerRows.ReadAsync(_backend, User, dataset)).ToHashSet(StringComparer.Ordinal);
        var here = (await LocalRows.ReadAsync(DatabasePath, dataset)).ToHashSet(StringComparer.Ordinal);
        Assert.Fail(
            $"{server.Count} rows on the server, {local.Count} here. Only on the server: {Some(onServer.Except(here))}. Only here: {Some(here.Except(onServer))}.");
    }

    public Task<long> CountAsync() => LocalRows.CountAsync(DatabasePath, Datasets[0].LocalTable);

    public async ValueTask DisposeAsync()
    {
        await Task.Yield();
        _folder.Delete(recursive: true);
        _sent.Dispose();
    }

    private static string Some(IEnumerable<string> rows) =>
        string.Join(" ;; ", rows.Take(3).Select(static row => row.Replace(ServerRows.Separator, '|').Replace(ServerRows.Null, '~')));

    private void SetUp(SyncOptions options)
    {
        options.Url = _backend.Host.Url;
        options.ApiKey = _backend.Host.PublishableKey;
        options.AllowInsecureLoopback = true;
        options.AccessTokenProvider = Requests.GetTokenAsync;
        options.Retry.Delay = TimeSpan.FromMilliseconds(20);
        foreach (var dataset in Datasets)
        {
            options.Datasets.Add(dataset);
        }

        Configure?.Invoke(options);
    }
}
