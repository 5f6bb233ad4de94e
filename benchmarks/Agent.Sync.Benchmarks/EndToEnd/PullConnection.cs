using System.Text;
using Agent.Sync.Resilience;
using Agent.Sync.Sqlite;

namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>The real path: the public engine, its HTTP client, and the SQLite store on a new file. Connections are kept between pulls.</summary>
internal sealed class PullConnection(Uri url, int pageSize) : IDisposable
{
    /// <summary>A well-formed token; the canned server does not check it.</summary>
    private static readonly string CannedToken = $"{Part("""{"alg":"none"}""")}.{Part("""{"sub":"0b5f3f5e-7f1d-4c3c-9d52-6f6a8f0c1d2e","role":"authenticated"}""")}.unsigned";

    private readonly SocketsHttpHandler _handler = HttpHandlers.Create();

    public string ApiKey { get; init; } = "sb_publishable_benchmark";

    public Func<AccessToken?, CancellationToken, ValueTask<AccessToken?>> Token { get; init; } =
        static (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(CannedToken));

    /// <summary>Gets whether the SQL kit is looked for; the canned server has pages alone.</summary>
    public SqlKitMode SqlKit { get; init; } = SqlKitMode.Ignore;

    /// <summary>Gets how many requests are under way at most; null for the default.</summary>
    public int? MaxPullRequests { get; init; }

    public async Task<SyncResult> PullAsync(string file)
    {
        await using var store = new SqliteStore(file);
        await using var engine = CreateEngine(store);
        return await engine.SyncAsync();
    }

    public SyncEngine CreateEngine(SqliteStore store) => new SyncEngineBuilder()
        .Configure(Configure)
        .UseLocalStore(store)
        .UseHttpMessageHandler(_handler)
        .Build();

    public void Dispose() => _handler.Dispose();

    private void Configure(SyncOptions options)
    {
        options.Url = url;
        options.ApiKey = ApiKey;
        options.AllowInsecureLoopback = true;
        options.AccessTokenProvider = Token;
        options.Datasets.Add(SampleRows.Dataset);
        options.SqlKit = SqlKit;
        options.PageSize = pageSize;
        options.MaxPullRequests = MaxPullRequests ?? options.MaxPullRequests;
        options.RateLimit.RequestsPerSecond = 100_000;
        options.RateLimit.Burst = 10_000;
    }

    private static string Part(string json) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
