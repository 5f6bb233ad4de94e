using Agent.Sync.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Agent.Sync.Tests.Docs;

/// <summary>What the README shows. Compiled; only what needs no project is run, by <see cref="ReadmeTests"/>.</summary>
internal static class ReadmeSnippets
{
    public static async Task EditAndSync(ISyncEngine engine)
    {
        // snippet: edit
        await using var connection = new SqliteConnection("Data Source=artifacts.db");
        await connection.OpenAsync();
        await using var command = new SqliteCommand("update artifacts set name = 'New name' where name = 'Old name'", connection);
        await command.ExecuteNonQueryAsync();

        Console.WriteLine(await engine.SyncAsync());

        await foreach (var change in engine.ReadChangesAsync("artifacts", ChangeState.Quarantined))
        {
            Console.WriteLine($"{change.Kind} of {change.Key}: {change.Describe()}");
        }
        // end snippet
    }

    public static void Register(IServiceCollection services, Dataset artifacts)
    {
        // snippet: dependency-injection
        services.AddSupabaseSession(configure: o => (o.Url, o.ApiKey, o.StateFile) = (new Uri("https://abc.supabase.co"), "sb_publishable_...", "session.json"));
        services.AddAgentSync().UseSession().UseSqlite("artifacts.db").AddDataset(artifacts);
        // end snippet
    }

    public static void RegisterBound(IServiceCollection services, IConfiguration configuration, Dataset artifacts)
    {
        // snippet: section
        var section = configuration.GetSection("AgentSync");
        services.AddSupabaseSession(section: section);
        services.AddAgentSync(section: section).UseSession().UseSqlite("artifacts.db").AddDataset(artifacts);
        // end snippet
    }

    public static async Task SignIn(SupabaseSession session, string email, string code)
    {
        // snippet: sign-in-by-code
        await session.SendEmailCodeAsync(email);
        await session.SignInWithEmailCodeAsync(email, code);
        // end snippet
    }

    public static void RegisterHosted(IServiceCollection services, Dataset artifacts)
    {
        // snippet: hosted
        services.AddAgentSync().UseSession().UseSqlite("artifacts.db").AddDataset(artifacts)
            .AddHostedSync(h => h.Every(TimeSpan.FromMinutes(1)));
        services.AddHealthChecks().AddAgentSync(maxAge: TimeSpan.FromMinutes(10));
        // end snippet
    }

    public static void RegisterTwoHosted(IServiceCollection services, Action<SyncOptions> configureShop, Action<SyncOptions> configureStock)
    {
        // snippet: hosted-named
        services.AddAgentSync("shop", configure: configureShop).UseSqlite("shop.db").AddHostedSync(h => h.Every(TimeSpan.FromMinutes(1)));
        services.AddAgentSync("stock", configure: configureStock).UseSqlite("stock.db").AddHostedSync(h => h.Every(TimeSpan.FromHours(1)));
        services.AddHealthChecks().AddAgentSync("shop").AddAgentSync("stock", maxAge: TimeSpan.FromHours(3));
        // end snippet
    }

    public static void RegisterTwo(IServiceCollection services, Action<SyncOptions> configureShop, Action<SyncOptions> configureStock)
    {
        // snippet: keyed
        services.AddAgentSync("shop", configure: configureShop).UseSqlite("shop.db");
        services.AddAgentSync("stock", configure: configureStock).UseSqlite("stock.db");
        // end snippet
    }
}
