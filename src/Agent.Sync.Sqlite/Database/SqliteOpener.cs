using Agent.Sync.Sqlite.Configuration;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Agent.Sync.Sqlite.Database;

/// <summary>Makes the file where it is missing, and the store's own connection to it.</summary>
internal static class SqliteOpener
{
    /// <summary>How large the write-ahead log grows before it is copied back: large enough to merge the writes to a page.</summary>
    private const int WalBytes = 16 * 1024 * 1024;

    public static SqliteDatabase Open(CheckedOptions options, DatabaseKey key, SqliteHook? hook)
    {
        if (hook?.Invoke(SqlitePoint.BeforeOpen, string.Empty) is { } code and not 0)
        {
            throw new SqliteFailure(code, detail: null);
        }

        if (!options.CreateMissingTables && !Has(options, key, "1"))
        {
            // Tables of the store's own would make EF Core take the app's for made.
            throw SqliteErrors.MissingTable(dataset: null, $"'{options.Path}' has no tables yet");
        }

        CreateFile(options.Path);
        var database = Connect(options, key, hook, out var isEmpty);
        try
        {
            Configure(database, options, key, isEmpty);
            if (key.IsUsed && isEmpty && IsPlain(options))
            {
                // It took the key and wrote its first page, which has no content yet, as if there were none.
                throw KeyFailure.NotEncrypting(options.Path);
            }

            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Whether the file was synced before. Makes nothing, whatever is there.</summary>
    public static bool IsMade(CheckedOptions options, DatabaseKey key, SqliteHook? hook)
    {
        if (hook?.Invoke(SqlitePoint.BeforeOpen, string.Empty) is { } code and not 0)
        {
            throw new SqliteFailure(code, detail: null);
        }

        return Has(options, key, "name = 'agent_sync_meta'");
    }

    /// <summary>Makes a connection that has its key, and shows by a first read that it can read the file.</summary>
    private static SqliteDatabase Connect(CheckedOptions options, DatabaseKey key, SqliteHook? hook, out bool isEmpty)
    {
        var files = DatabaseFiles.Of(options.Path);
        var connection = Connect(options.Path);
        var database = new SqliteDatabase(connection, files, hook);
        try
        {
            files.RequireSame();
            database.SetBusyTimeout(options.BusyTimeout);
            if (key.IsUsed)
            {
                key.ApplyTo(connection.Handle!);
            }

            isEmpty = database.QueryInt64("PRAGMA page_count") == 0;
            return key.IsUsed && !isEmpty && IsPlain(options) ? throw KeyFailure.NotEncrypted(options.Path) : database;
        }
        catch (Exception exception)
        {
            database.Abandon();
            if (!key.IsUsed || exception is not SqliteFailure { Code: raw.SQLITE_NOTADB })
            {
                throw;
            }

            throw IsPlain(options) ? KeyFailure.NotEncrypted(options.Path) : KeyFailure.Wrong(options.Path);
        }
    }

    /// <summary>Whether the file has content that can be read without a key.</summary>
    // Asked of SQLite, since whoever opens and closes the file itself takes away the locks of this process's connections.
    private static bool IsPlain(CheckedOptions options)
    {
        var database = new SqliteDatabase(Connect(options.Path), DatabaseFiles.Of(options.Path), hook: null);
        try
        {
            database.SetBusyTimeout(options.BusyTimeout);
            return database.QueryInt64("PRAGMA page_count") > 0;
        }
        catch (SqliteFailure failure) when (failure.Code == raw.SQLITE_NOTADB)
        {
            return false;
        }
        finally
        {
            database.Abandon();
        }
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
                _ when !HasLibrary() => new SyncStoreException(
                    SyncErrorKind.StoreFailed,
                    "The app has no native SQLite: beside Agent.Sync.Sqlite.Core it needs a bundle of SQLitePCLRaw. Add the package Agent.Sync.Sqlite, which has one, or SQLite3MC.PCLRaw.bundle, which encrypts; "
                    + "or call SQLitePCL.raw.SetProvider before the first sync.",
                    innerException: exception),
                _ => exception,
            };
        }
    }

    /// <summary>Whether Microsoft.Data.Sqlite found a bundle, or the app set a provider.</summary>
    private static bool HasLibrary()
    {
        try
        {
            return raw.GetNativeLibraryName() is not null;
        }
        catch (Exception)
        {
            return false;
        }
    }

    /// <summary>Whether the file has a table that matches. Nothing is made or configured.</summary>
    private static bool Has(CheckedOptions options, DatabaseKey key, string condition)
    {
        if (!File.Exists(options.Path))
        {
            return false;
        }

        using var database = Connect(options, key, hook: null, out _);
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

    private static void Configure(SqliteDatabase database, CheckedOptions options, DatabaseKey key, bool isEmpty)
    {
        if (key.IsUsed)
        {
            // No library can encrypt what SQLite puts into files of its own, which hold rows.
            database.Execute("PRAGMA temp_store = MEMORY");
        }

        // On a file with content the size would take effect at the app's next VACUUM. Libraries that encrypt need their own size in every connection.
        if (isEmpty && !key.IsUsed)
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
