using System.Text;
using Agent.Sync.Sqlite;

namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>The real path: the public engine, its HTTP client, and the SQLite store on a new file.</summary>
internal static class PullRun
{
    /// <summary>A well-formed token; the canned server does not check it.</summary>
    private static readonly string Token = $"{Part("""{"alg":"none"}""")}.{Part("""{"sub":"0b5f3f5e-7f1d-4c3c-9d52-6f6a8f0c1d2e","role":"authenticated"}""")}.";

    public static async Task<long> RunAsync(Uri url, string file, int pageSize)
    {
        await using var store = new SqliteStore(file);
        var engine = new SyncEngineBuilder()
            .Configure(options =>
            {
                options.Url = url;
                options.ApiKey = "sb_publishable_benchmark";
                options.AllowInsecureLoopback = true;
                options.AccessToken = static (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(Token));
                options.Datasets.Add(SampleRows.Dataset);
                options.PageSize = pageSize;
                options.RateLimit.RequestsPerSecond = 100_000;
                options.RateLimit.Burst = 10_000;
            })
            .UseLocalStore(store)
            .Build();
        var result = await engine.SyncAsync();
        return result.Applied;
    }

    private static string Part(string json) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
