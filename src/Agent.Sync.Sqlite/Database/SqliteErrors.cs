using SQLitePCL;

namespace Agent.Sync.Sqlite.Database;

/// <summary>Says what to do about a SQLite failure. No message holds a row's value.</summary>
internal static class SqliteErrors
{
    public static SyncStoreException ToException(SqliteFailure failure, string path, string? dataset)
    {
        var (advice, isTransient) = Advise(failure.Code);
        var detail = failure.Detail is null ? string.Empty : $" SQLite says: {failure.Detail}.";
        return new SyncStoreException(
            SyncErrorKind.StoreFailed, $"{advice} (SQLite code {failure.ExtendedCode}, database '{path}'.){detail}", dataset, isTransient);
    }

    /// <summary>Whether the connection is better made anew before the next call.</summary>
    public static bool NeedsNewConnection(SqliteFailure failure) =>
        failure.Code is not (raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_CONSTRAINT);

    /// <summary>Says what to do where the store may not make a table itself.</summary>
    public static SyncSchemaException MissingTable(Dataset? dataset, string what) => new(
        SyncErrorKind.LocalSchema,
        $"The database {what}, and CreateMissingTables is false: make the app's tables first, for example with MigrateAsync or EnsureCreatedAsync of EF Core, then sync.",
        dataset?.Name);

    private static (string Advice, bool IsTransient) Advise(int code) => code switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED =>
            ("Another connection holds the database's write lock for longer than BusyTimeout: keep the app's write transactions short, or raise it.", true),
        raw.SQLITE_FULL => ("The disk is full, or the database has reached its size limit: free space and sync again.", false),
        raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH =>
            ("The database cannot be written: give the process write permission on the file and its directory.", false),
        raw.SQLITE_IOERR => ("The disk failed to read or write: check the disk and the space left on it, then sync again.", false),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB =>
            ("The file is damaged, or not a SQLite database, or encrypted: put it aside, restore a copy or start with a new file; for an encrypted one set Key of SqliteStoreOptions.", false),
        raw.SQLITE_CANTOPEN => ("The database cannot be opened: check the path, the permissions of the file and its directory, and the limit of open files.", false),
        raw.SQLITE_NOMEM => ("SQLite ran out of memory: lower the commit size or free memory.", false),
        raw.SQLITE_TOOBIG => ("A value is larger than SQLite's limit of 1,000,000,000 bytes: leave the column out of the dataset.", false),
        raw.SQLITE_CONSTRAINT =>
            ("A trigger of the local table ended the store's transaction with RAISE(ROLLBACK), or stopped a statement of the store's own: let it raise ABORT, which keeps out that row alone.", false),
        raw.SQLITE_MISMATCH => ("A value does not fit the type of a column of the local table: let the store make the table, or declare the column as documented.", false),
        raw.SQLITE_SCHEMA or raw.SQLITE_ERROR =>
            ("SQLite refused a statement: check that the local table is still as the store prepared it, and its triggers.", false),
        raw.SQLITE_INTERRUPT or raw.SQLITE_ABORT => ("The statement was interrupted: sync again.", true),
        _ => ("SQLite failed.", false),
    };
}
