using Agent.Sync.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Agent.Sync.Supabase.Tests;

/// <summary>What docs/official-client.md and the README show. Compiled; <see cref="UseSupabaseClientTests"/> runs the like of it.</summary>
internal static class OfficialClientSnippets
{
    public static async Task SyncWith(global::Supabase.Client client, Dataset artifacts)
    {
        // snippet: official-client
        await using var engine = new SyncEngineBuilder()
            .UseSupabaseClient(client)
            .UseSqlite("artifacts.db")
            .AddDataset(artifacts)
            .Build();
        // end snippet
        await engine.SyncAsync();
    }

    public static void Register(IServiceCollection services, global::Supabase.Client client, Dataset artifacts)
    {
        // snippet: official-client-container
        services.AddSingleton(client);
        services.AddAgentSync().UseSupabaseClient().UseSqlite("artifacts.db").AddDataset(artifacts);
        // end snippet
    }
}
