using System.Text;
using Agent.Sync.Configuration;
using Agent.Sync.Engine;
using Agent.Sync.Resilience;
using Agent.Sync.Seams;
using Agent.Sync.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>The real path: the public engine, its HTTP client, and the SQLite store on a new file.</summary>
internal static class PullRun
{
    /// <summary>A well-formed token; the canned server does not check it.</summary>
    private static readonly string Token = $"{Part("""{"alg":"none"}""")}.{Part("""{"sub":"0b5f3f5e-7f1d-4c3c-9d52-6f6a8f0c1d2e","role":"authenticated"}""")}.unsigned";

    public static async Task<long> RunAsync(Uri url, string file, int pageSize)
    {
        await using var store = new SqliteStore(file);
        var options = new SyncOptions
        {
            Url = url,
            ApiKey = "sb_publishable_benchmark",
            AllowInsecureLoopback = true,
            AccessToken = static (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(Token)),
            PageSize = pageSize,
        };
        options.Datasets.Add(SampleRows.Dataset);
        options.RateLimit.RequestsPerSecond = 100_000;
        options.RateLimit.Burst = 10_000;
        var seams = new EngineSeams();
        using var http = new HttpMessageInvoker(HttpHandlers.Create());
        var limiter = new UserRateLimiter(options.RateLimit, seams.Time);
        var engine = new SyncEngine(options, store, store, http, limiter, NullLoggerFactory.Instance, meters: null, seams);
        var result = await engine.SyncAsync();
        return result.Applied;
    }

    private static string Part(string json) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
