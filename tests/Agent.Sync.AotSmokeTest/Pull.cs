using Agent.Sync.Sqlite;
using BackendHost;

namespace Agent.Sync.AotSmokeTest;

/// <summary>What an app does, as its own code would.</summary>
internal static class Pull
{
    public static async Task<(SyncResult Result, long Read)> RunAsync(LocalBackendHost backend, SupabaseSession session, string file)
    {
        await using var store = new SqliteStore(file);
        await using var engine = new SyncEngineBuilder()
            .Configure(options =>
            {
                options.Url = backend.Url;
                options.ApiKey = backend.PublishableKey;
                options.AllowInsecureLoopback = true;
                options.AccessTokenProvider = session.GetAccessTokenAsync;
            })
            .AddDataset<PulledArtifact>()
            .UseLocalStore(store)
            .Build();
        var result = await engine.SyncAsync();

        // Every column of every row, through what was generated.
        var read = 0L;
        await foreach (var page in engine.ReadPagesAsync(PulledArtifact.SyncDataset.Name))
        {
            using (page)
            {
                read += page.Read<PulledArtifact>().Count(static artifact => artifact.Id != Guid.Empty && artifact.Name.Length > 0);
            }
        }

        return (result, read);
    }
}
