namespace Agent.Sync.Sqlite;

/// <summary>Gives an engine a SQLite store.</summary>
public static class SqliteSyncEngineBuilderExtensions
{
    /// <summary>Keeps rows and checkpoints in a SQLite file. The store is made with the engine, and disposed with it.</summary>
    /// <param name="builder">The builder, of <c>new</c> or of <c>AddAgentSync</c>.</param>
    /// <param name="databasePath">The file; see <see cref="SqliteStoreOptions.DatabasePath"/>.</param>
    /// <param name="configure">Sets the store's other options; called when the engine is made. Null, the default, keeps their defaults.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The path is empty or not one of a file, or an option is out of its range; thrown when the engine is made.</exception>
    public static SyncEngineBuilder UseSqlite(this SyncEngineBuilder builder, string databasePath, Action<SqliteStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseLocalStore(() =>
        {
            var options = new SqliteStoreOptions { DatabasePath = databasePath };
            configure?.Invoke(options);
            return new SqliteStore(options);
        });
    }
}
