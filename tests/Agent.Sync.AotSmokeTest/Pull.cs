using Agent.Sync.Sqlite;
using BackendHost;

namespace Agent.Sync.AotSmokeTest;

/// <summary>What an app does, as its own code would.</summary>
internal static class Pull
{
    public static async Task<SyncResult> RunAsync(LocalBackendHost backend, SupabaseSession session, string file)
    {
        await using var store = new SqliteStore(file);
        await using var engine = new SyncEngineBuilder()
            .Configure(options =>
            {
                options.Url = backend.Url;
                options.ApiKey = backend.PublishableKey;
                options.AllowInsecureLoopback = true;
                options.AccessTokenProvider = session.GetAccessTokenAsync;
                options.Datasets.Add(Dataset.Define("artifacts")
                    .Key("id", ColumnType.Uuid)
                    .Column("name", ColumnType.Text)
                    .Column("content", ColumnType.Text)
                    .Column("metadata", ColumnType.Json)
                    .Column("price", ColumnType.Numeric)
                    .Column("is_public", ColumnType.Boolean)
                    .Column("owner_id", ColumnType.Uuid)
                    .Version("version")
                    .UpdatedAt("updated_at")
                    .DeletedAt("deleted_at")
                    .Build());
            })
            .UseLocalStore(store)
            .Build();
        return await engine.SyncAsync();
    }
}
