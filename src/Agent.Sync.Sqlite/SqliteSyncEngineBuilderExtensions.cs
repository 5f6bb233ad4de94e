namespace Agent.Sync.Sqlite;

/// <summary>Gives an engine a SQLite store.</summary>
public static class SqliteSyncEngineBuilderExtensions
{
    /// <summary>Keeps rows and checkpoints in a SQLite file. The store is made with the engine, and disposed with it.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="databasePath">The file; see <see cref="SqliteStoreOptions.DatabasePath"/>.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The path is empty or not one of a file; thrown by <see cref="SyncEngineBuilder.Build"/>.</exception>
    public static SyncEngineBuilder UseSqlite(this SyncEngineBuilder builder, string databasePath) =>
        builder.UseSqlite(new SqliteStoreOptions { DatabasePath = databasePath });

    /// <summary>Keeps rows and checkpoints in a SQLite file. The store is made with the engine, and disposed with it.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="options">The store's options; read by <see cref="SyncEngineBuilder.Build"/>.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">An option is out of its range; thrown by <see cref="SyncEngineBuilder.Build"/>.</exception>
    public static SyncEngineBuilder UseSqlite(this SyncEngineBuilder builder, SqliteStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        return builder.UseLocalStore(() => new SqliteStore(options));
    }
}
