namespace Agent.Sync.Sqlite;

/// <summary>Gives an engine a SQLite store.</summary>
public static class SqliteSyncEngineBuilderExtensions
{
    /// <summary>Keeps rows and checkpoints in a SQLite file. The store is created and disposed with the engine.</summary>
    /// <param name="builder">The builder, from <c>new</c> or from <c>AddAgentSync</c>.</param>
    /// <param name="databasePath">The file; see <see cref="SqliteStoreOptions.DatabasePath"/>.</param>
    /// <param name="configure">Sets the store's other options; called when the engine is built. Null, the default, keeps the defaults.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The path is empty or does not name a file, or an option is out of range; thrown when the engine is built.</exception>
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
