using Agent.Sync;
using Agent.Sync.Sqlite;
using Microsoft.Extensions.Logging;

namespace QuickStart.Syncing;

/// <summary>The code to copy: a session, and an engine that keeps a SQLite file and what its user may see in step.</summary>
internal static class EngineFactory
{
    public static SupabaseSession CreateSession(ProjectSettings project, ILoggerFactory loggers) => new(new SupabaseSessionOptions
    {
        Url = project.Url,
        ApiKey = project.Key,
        AllowInsecureLoopback = true,
        Logger = loggers.CreateLogger("Agent.Sync.Auth"),
    });

    public static SyncEngine Create(ProjectSettings project, SupabaseSession session, SyncSettings settings, ILoggerFactory loggers) =>
        new SyncEngineBuilder()
            .Configure(options =>
            {
                options.Url = project.Url;
                options.ApiKey = project.Key;
                options.AllowInsecureLoopback = true;
                options.AccessTokenProvider = session.GetAccessTokenAsync;
                options.Datasets.Add(Datasets.Projects);
                options.Datasets.Add(Datasets.Artifacts);

                // Left alone, they are what AGENT_SYNC_* variables say, or the defaults.
                options.PageSize = settings.PageSize ?? options.PageSize;
                options.Push.BatchRows = settings.PushRows ?? options.Push.BatchRows;
                options.Push.ConflictPolicy = settings.Conflicts ?? options.Push.ConflictPolicy;
            })
            .UseSqlite(project.Database)
            .UseLoggerFactory(loggers)
            .Build();

    /// <summary>An engine for what is answered from the file alone: its project is never asked.</summary>
    public static SyncEngine CreateOffline(string database, ILoggerFactory loggers) => new SyncEngineBuilder()
        .Configure(static options =>
        {
            options.Url = new Uri("https://offline.invalid");
            options.ApiKey = "offline";
            options.AccessTokenProvider = static (_, _) => ValueTask.FromResult<Agent.Sync.AccessToken?>(null);
            options.Datasets.Add(Datasets.Projects);
            options.Datasets.Add(Datasets.Artifacts);
        })
        .UseSqlite(database)
        .UseLoggerFactory(loggers)
        .Build();
}
