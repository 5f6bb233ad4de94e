using Agent.Sync.Sqlite;
using Agent.Sync.Stores;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers SQLite stores. The container makes each when its engine is first asked for, and disposes it.</summary>
public static class SqliteServiceCollectionExtensions
{
    /// <summary>Registers the store of the engine that <c>AddAgentSync(configure)</c> registers.</summary>
    /// <param name="services">The services.</param>
    /// <param name="databasePath">The file; see <see cref="SqliteStoreOptions.DatabasePath"/>.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddAgentSyncSqlite(this IServiceCollection services, string databasePath) =>
        services.AddAgentSyncSqlite(new SqliteStoreOptions { DatabasePath = databasePath });

    /// <summary>Registers the store of the engine that <c>AddAgentSync(configure)</c> registers.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The store's options.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddAgentSyncSqlite(this IServiceCollection services, SqliteStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        return services.AddSingleton<ILocalStore>(_ => new SqliteStore(options));
    }

    /// <summary>Registers the store of the engine that <c>AddAgentSync(name, configure)</c> registers.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The engine's name.</param>
    /// <param name="databasePath">The file; see <see cref="SqliteStoreOptions.DatabasePath"/>.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddAgentSyncSqlite(this IServiceCollection services, string name, string databasePath) =>
        services.AddAgentSyncSqlite(name, new SqliteStoreOptions { DatabasePath = databasePath });

    /// <summary>Registers the store of the engine that <c>AddAgentSync(name, configure)</c> registers.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The engine's name.</param>
    /// <param name="options">The store's options.</param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static IServiceCollection AddAgentSyncSqlite(this IServiceCollection services, string name, SqliteStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(options);
        return services.AddKeyedSingleton<ILocalStore>(name, (_, _) => new SqliteStore(options));
    }
}
