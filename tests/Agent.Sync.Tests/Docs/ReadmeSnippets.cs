using Agent.Sync.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Agent.Sync.Tests.Docs;

/// <summary>What the README shows. Compiled; only what needs no project is run, by <see cref="ReadmeTests"/>.</summary>
internal static class ReadmeSnippets
{
    public static async Task SyncWithBuilder(string email, string password)
    {
        // snippet: builder
        var url = new Uri("https://abc.supabase.co");
        var apiKey = "sb_publishable_...";

        using var session = new SupabaseSession(new SupabaseSessionOptions { Url = url, ApiKey = apiKey });
        await session.SignInAsync(email, password);

        await using var engine = new SyncEngineBuilder()
            .UseSqlite("artifacts.db")
            .Configure(options =>
            {
                options.Url = url;
                options.ApiKey = apiKey;
                options.AccessTokenProvider = session.GetAccessTokenAsync;
                options.Datasets.Add(Dataset.Define("artifacts")
                    .Key("id", ColumnType.Uuid)
                    .Column("name", ColumnType.Text)
                    .Version("version")
                    .UpdatedAt("updated_at")
                    .DeletedAt("deleted_at")
                    .Build());
            })
            .Build();

        var result = await engine.SyncAsync(new Progress<SyncProgress>(progress =>
            Console.WriteLine($"{progress.Completed} of {progress.Total} rows, {progress.EstimatedTimeLeft} left")));

        Console.WriteLine($"{result.Outcome}: {result.Applied} rows in {result.Duration.TotalSeconds:F1} s");
        // end snippet
    }

    public static async Task EditAndSync(ISyncEngine engine)
    {
        // snippet: edit
        await using var connection = new SqliteConnection("Data Source=artifacts.db");
        await connection.OpenAsync();
        await using var command = new SqliteCommand("update artifacts set name = 'New name' where name = 'Old name'", connection);
        await command.ExecuteNonQueryAsync();

        var result = await engine.SyncAsync();
        Console.WriteLine($"{result.Pushed} sent, {result.Applied} brought, {result.Conflicts} conflicts, {result.Rejected} rejected");

        await foreach (var change in engine.ReadChangesAsync("artifacts", ChangeState.Quarantined))
        {
            Console.WriteLine($"{change.Kind} of {change.Key}: {change.Code} {change.Constraint}");
        }
        // end snippet
    }

    public static void Register(IServiceCollection services, Uri url, string apiKey, Dataset artifacts)
    {
        // snippet: dependency-injection
        services.AddSingleton(_ => new SupabaseSession(new SupabaseSessionOptions { Url = url, ApiKey = apiKey }));
        services.AddAgentSyncSqlite("artifacts.db");
        services.AddAgentSync((options, provider) =>
        {
            options.Url = url;
            options.ApiKey = apiKey;
            options.AccessTokenProvider = provider.GetRequiredService<SupabaseSession>().GetAccessTokenAsync;
            options.Datasets.Add(artifacts);
        });
        // end snippet
    }

    public static void RegisterTwo(IServiceCollection services, Action<SyncOptions> configureShop, Action<SyncOptions> configureStock)
    {
        // snippet: keyed
        services.AddAgentSyncSqlite("shop", "shop.db");
        services.AddAgentSync("shop", configureShop);
        services.AddAgentSyncSqlite("stock", "stock.db");
        services.AddAgentSync("stock", configureStock);
        // end snippet
    }
}
