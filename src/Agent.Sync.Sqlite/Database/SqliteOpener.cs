using Agent.Sync.Sqlite.Configuration;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.Sqlite.Database;

/// <summary>Makes the file where it is missing, and the store's own connection to it.</summary>
internal static class SqliteOpener
{
    /// <summary>How large the write-ahead log grows before it is copied back: large enough to merge the writes to a page.</summary>
    private const int WalBytes = 16 * 1024 * 1024;

    public static SqliteDatabase Open(CheckedOptions options, SqliteHook? hook)
    {
        if (hook?.Invoke(SqlitePoint.BeforeOpen, string.Empty) is { } code and not 0)
        {
            throw new SqliteFailure(code, detail: null);
        }

        if (!options.CreateMissingTables && !Has(options, "1"))
        {
            // Tables of the store's own would make EF Core take the app's for made.
            throw SqliteErrors.MissingTable(dataset: null, $"'{options.Path}' has no tables yet");
        }

        CreateFile(options.Path);
        var files = DatabaseFiles.Of(options.Path);
        var connection = Connect(options.Path);
        try
        {
            files.RequireSame();
            var database = new SqliteDatabase(connection, files, hook);
            database.SetBusyTimeout(options.BusyTimeout);
            Configure(database, options);
            return database;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Whether the file was synced before. Makes nothing, whatever is there.</summary>
    public static bool IsMade(CheckedOptions options, SqliteHook? hook)
    {
        if (hook?.Invoke(SqlitePoint.BeforeOpen, string.Empty) is { } code and not 0)
        {
            throw new SqliteFailure(code, detail: null);
        }

        return Has(options, "name = 'agent_sync_meta'");
    }

    private static SqliteConnection Connect(string path)
    {
        SqliteConnection? connection = null;
        try
        {
            connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = SqliteOpenMode.ReadWrite,
                // Rows come in any order, and the server has checked the references among them.
                ForeignKeys = false,
                Pooling = false,
            }.ToString());
            connection.Open();
            return connection;
        }
        catch (Exception exception)
        {
            connection?.Dispose();
            throw exception switch
            {
                SqliteException failure => new SqliteFailure(failure.SqliteExtendedErrorCode, detail: null),
                DllNotFoundException or EntryPointNotFoundException or BadImageFormatException or TypeInitializationException => new SyncStoreException(
                    SyncErrorKind.StoreFailed, "SQLite's native library could not be loaded: check that it is beside the app, and the limit of open files.", innerException: exception),
                _ => exception,
            };
        }
    }

    /// <summary>Whether the file has a table that matches. Nothing is made or configured.</summary>
    private static bool Has(CheckedOptions options, string condition)
    {
        if (!File.Exists(options.Path))
        {
            return false;
        }

        using var database = new SqliteDatabase(Connect(options.Path), DatabaseFiles.Of(options.Path), hook: null);
        database.SetBusyTimeout(options.BusyTimeout);
        return database.QueryInt64($"SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND {condition})") == 1;
    }

    private static void CreateFile(string path)
    {
        if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            throw new SyncStoreException(
                SyncErrorKind.StoreFailed, $"The directory of the database '{path}' does not exist: create it before the first sync.");
        }

        if (File.Exists(path))
        {
            return;
        }

        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                // SQLite gives the log beside the file the same permissions.
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            new FileStream(path, options).Dispose();
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process made it in between.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SyncStoreException(
                SyncErrorKind.StoreFailed,
                $"The database '{path}' cannot be made: check the directory's permissions and the free space.",
                innerException: exception);
        }
    }

    private static void Configure(SqliteDatabase database, CheckedOptions options)
    {
        // On a file with content the size would take effect at the app's next VACUUM.
        if (database.QueryInt64("PRAGMA page_count") == 0)
        {
            database.Execute($"PRAGMA page_size = {options.PageSize}");
        }

        if (!IsWal(database))
        {
            database.Execute("PRAGMA journal_mode = WAL");
        }

        var pageSize = database.QueryInt64("PRAGMA page_size") ?? options.PageSize;
        database.Execute($"PRAGMA wal_autocheckpoint = {Math.Max(1, WalBytes / pageSize)}");
        database.Execute(options.Synchronous == SqliteSynchronous.Full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        database.SyncsEveryCommit = options.Synchronous == SqliteSynchronous.Full && IsWal(database);
    }

    private static bool IsWal(SqliteDatabase database)
    {
        // Setting the mode that is there already would need a lock that another process may hold.
        using var statement = database.Prepare("PRAGMA journal_mode");
        return statement.Step() && string.Equals(statement.Text(0), "wal", StringComparison.Ordinal);
    }
}
