using Agent.Sync.Sqlite;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Cli.Syncing;

/// <summary>A session, and an engine that keeps a SQLite file and what its user may see in step.</summary>
internal static class EngineFactory
{
    public static SupabaseSession CreateSession(ProjectSettings project, ILoggerFactory loggers) => new(new SupabaseSessionOptions
    {
        Url = project.Url,
        ApiKey = project.Key,
        AllowInsecureLoopback = true,
        Logger = loggers.CreateLogger("Agent.Sync.Auth"),
    });

    public static SyncEngine Create(ToolFile file, ProjectSettings project, SupabaseSession session, SyncSettings settings, ILoggerFactory loggers) =>
        Start(file, project.Database, loggers)
            .UseSession(session)
            .Configure(options =>
            {
                // Left alone, they are what AGENT_SYNC_* variables or the file say, or the defaults. A page size that is set does not grow.
                if (settings.PageSize is { } pageSize)
                {
                    options.PageSize = pageSize;
                }

                options.Push.BatchRows = settings.PushRows ?? options.Push.BatchRows;
                options.Push.ConflictPolicy = settings.Conflicts ?? options.Push.ConflictPolicy;
            })
            .Build();

    /// <summary>An engine for what is answered from the file alone.</summary>
    public static SyncEngine CreateOffline(ToolFile file, string database, ILoggerFactory loggers) => Start(file, database, loggers).BuildOffline();

    private static SyncEngineBuilder Start(ToolFile file, string database, ILoggerFactory loggers) => new SyncEngineBuilder()
        .UseSqlite(database)
        .UseConfiguration(file.Section)
        .UseLoggerFactory(loggers);
}
