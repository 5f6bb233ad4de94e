using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Agent.Sync.Sqlite.Database;

/// <summary>The one place through which statements reach SQLite. Used by one thread at a time.</summary>
internal sealed class SqliteDatabase(SqliteConnection connection, DatabaseFiles files, SqliteHook? hook) : IDisposable
{
    /// <summary>SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE: closing neither copies the log back nor deletes it.</summary>
    private const int NoCheckpointOnClose = 1006;

    /// <summary>SQLITE_DBCONFIG_ENABLE_TRIGGER.</summary>
    private const int EnableTrigger = 1003;

    private readonly sqlite3 _handle = connection.Handle!;

    /// <summary>Gets the rows that the last INSERT, UPDATE or DELETE changed.</summary>
    public int Changes => raw.sqlite3_changes(_handle);

    /// <summary>Gets a value indicating whether a transaction is open that could not be rolled back.</summary>
    public bool IsStuck => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <summary>Gets the files of the connection.</summary>
    public DatabaseFiles Files { get; } = files;

    /// <summary>Gets or sets a value indicating whether a commit waits for the disk, in a WAL that would stay whole without.</summary>
    public bool SyncsEveryCommit { get; set; }

    public void Reach(SqlitePoint point, string sql)
    {
        if (hook is not null && hook(point, sql) is var code && code != raw.SQLITE_OK)
        {
            throw new SqliteFailure(code, detail: null);
        }
    }

    public SqliteStatement Prepare(string sql)
    {
        var code = raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement);
        return code == raw.SQLITE_OK ? new SqliteStatement(this, statement, sql) : throw Failure(code, detailIsSafe: true);
    }

    public int Execute(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Run();
    }

    public long? QueryInt64(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() && !statement.IsNull(0) ? statement.Int64(0) : null;
    }

    /// <summary>Does work in one write transaction; whatever goes wrong in it undoes all of it.</summary>
    public T Write<T>(Func<T> work)
    {
        Reach(SqlitePoint.BeforeBegin, string.Empty);
        Execute("BEGIN IMMEDIATE");
        T result;
        try
        {
            result = work();
            Reach(SqlitePoint.BeforeCommit, string.Empty);
            Files.RequireSame();
            Execute("COMMIT");
        }
        catch
        {
            Rollback();
            throw;
        }

        Reach(SqlitePoint.AfterCommit, string.Empty);
        return result;
    }

    /// <summary>Does work in a write transaction, and takes all of it back.</summary>
    public T TakeBack<T>(Func<T> work)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            return work();
        }
        finally
        {
            Rollback();
        }
    }

    /// <summary>
    /// Does work in a write transaction that does not wait for the disk: a power loss may undo it, together with
    /// everything after it, but nothing before it. That is enough for a lease, whose holder the power loss ends too.
    /// </summary>
    public T WriteUnsynced<T>(Func<T> work)
    {
        if (!SyncsEveryCommit)
        {
            return Write(work);
        }

        Execute("PRAGMA synchronous = NORMAL");
        try
        {
            return Write(work);
        }
        finally
        {
            Execute("PRAGMA synchronous = FULL");
        }
    }

    public void SetBusyTimeout(TimeSpan timeout) => raw.sqlite3_busy_timeout(_handle, (int)timeout.TotalMilliseconds);

    /// <summary>Does work for which no trigger fires. Statements that were prepared before are prepared anew.</summary>
    public T WithoutTriggers<T>(Func<T> work)
    {
        SetTriggers(isOn: false);
        try
        {
            return work();
        }
        finally
        {
            SetTriggers(isOn: true);
        }
    }

    /// <summary>Makes the failure of the last call.</summary>
    /// <param name="code">Its result code.</param>
    /// <param name="detailIsSafe">Whether SQLite's message can only name tables and columns.</param>
    public SqliteFailure Failure(int code, bool detailIsSafe)
    {
        var extended = raw.sqlite3_extended_errcode(_handle);
        extended = (extended & 0xff) == (code & 0xff) ? extended : code;
        var detail = detailIsSafe || NamesColumnsOnly(extended) ? raw.sqlite3_errmsg(_handle).utf8_to_string() : null;
        return new SqliteFailure(extended, detail) { EndedTransaction = raw.sqlite3_get_autocommit(_handle) != 0 };
    }

    /// <summary>Remembers the files as they are once the database was read from.</summary>
    public void RememberLog() => Files.RememberLog(raw.sqlite3_db_filename(_handle, "main").utf8_to_string() ?? string.Empty);

    public void Dispose()
    {
        if (Files.WereReplaced)
        {
            LeaveReplaced();
        }

        connection.Dispose();
    }

    /// <summary>
    /// Closes a connection that may not have read the file, and leaves the log as it is: under another key than its own a log seems empty, and
    /// SQLite would delete what a killed process left.
    /// </summary>
    public void Abandon()
    {
        raw.sqlite3_db_config(_handle, NoCheckpointOnClose, 1, out _);
        connection.Dispose();
    }

    /// <summary>Keeps SQLite from touching what lies at the old paths now.</summary>
    private void LeaveReplaced()
    {
        // A log that stayed behind is the old file's, but would be taken for the new one's: it goes where it belongs.
        if (Files.HasOwnLog)
        {
            raw.sqlite3_wal_checkpoint_v2(_handle, "main", raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);
        }

        raw.sqlite3_db_config(_handle, NoCheckpointOnClose, 1, out _);
    }

    private void SetTriggers(bool isOn) => raw.sqlite3_db_config(_handle, EnableTrigger, isOn ? 1 : 0, out _);

    // Other messages, those of RAISE() and of the JSON functions among them, may hold a row's values.
    private static bool NamesColumnsOnly(int extendedCode) => extendedCode
        is raw.SQLITE_CONSTRAINT_NOTNULL or raw.SQLITE_CONSTRAINT_UNIQUE or raw.SQLITE_CONSTRAINT_PRIMARYKEY
        or raw.SQLITE_CONSTRAINT_ROWID or raw.SQLITE_CONSTRAINT_CHECK;

    private void Rollback()
    {
        // Some failures have ended the transaction already.
        if (raw.sqlite3_get_autocommit(_handle) == 0)
        {
            raw.sqlite3_exec(_handle, "ROLLBACK");
        }
    }
}
