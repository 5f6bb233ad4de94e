using SQLitePCL;

namespace Agent.Sync.Sqlite.Database;

/// <summary>A prepared statement. Values are bound as they lie in memory; SQLite takes a copy.</summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt statement, string sql) : IDisposable
{
    public string Sql { get; } = sql;

    public void BindNull(int index) => Check(raw.sqlite3_bind_null(statement, index));

    public void Bind(int index, long value) => Check(raw.sqlite3_bind_int64(statement, index, value));

    public void Bind(int index, double value) => Check(raw.sqlite3_bind_double(statement, index, value));

    public void Bind(int index, string value) => Check(raw.sqlite3_bind_text(statement, index, value));

    public void BindOrNull(int index, long? value)
    {
        if (value is { } given)
        {
            Bind(index, given);
        }
        else
        {
            BindNull(index);
        }
    }

    public void BindOrNull(int index, string? value)
    {
        if (value is null)
        {
            BindNull(index);
        }
        else
        {
            Bind(index, value);
        }
    }

    public void BindText(int index, ReadOnlySpan<byte> utf8) =>
        // A pointer to an empty span is null, which SQLite takes for NULL.
        Check(utf8.IsEmpty
            ? raw.sqlite3_bind_text(statement, index, utf8z.FromSpan("\0"u8))
            : raw.sqlite3_bind_text(statement, index, utf8));

    public void BindBlob(int index, ReadOnlySpan<byte> bytes) =>
        Check(bytes.IsEmpty
            ? raw.sqlite3_bind_zeroblob(statement, index, 0)
            : raw.sqlite3_bind_blob(statement, index, bytes));

    /// <summary>Binds a value of this statement's answer to a parameter of another.</summary>
    public void CopyTo(int column, SqliteStatement other, int index)
    {
        switch (StorageOf(column))
        {
            case raw.SQLITE_INTEGER:
                other.Bind(index, Int64(column));
                break;
            case raw.SQLITE_FLOAT:
                other.Bind(index, Double(column));
                break;
            case raw.SQLITE_TEXT:
                other.BindText(index, Bytes(column));
                break;
            case raw.SQLITE_BLOB:
                other.BindBlob(index, Bytes(column));
                break;
            default:
                other.BindNull(index);
                break;
        }
    }

    /// <summary>Goes to the next row of the answer.</summary>
    public bool Step()
    {
        database.Reach(SqlitePoint.Statement, Sql);
        var code = raw.sqlite3_step(statement);
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }

        if (code != raw.SQLITE_DONE)
        {
            ThrowStepFailed(code);
        }

        return false;
    }

    /// <summary>Executes a statement without an answer and makes it ready for the next execution.</summary>
    /// <returns>The rows it changed, without those that triggers changed.</returns>
    public int Run()
    {
        Step();
        var changes = database.Changes;
        Reset();
        return changes;
    }

    /// <summary>Executes a statement whose only parameter is a number.</summary>
    /// <returns>The rows it changed, without those that triggers changed.</returns>
    public int Run(long id)
    {
        Bind(1, id);
        return Run();
    }

    public void Reset() => raw.sqlite3_reset(statement);

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    /// <summary>Gets what a value is stored as: one of SQLite's five codes.</summary>
    public int StorageOf(int column) => raw.sqlite3_column_type(statement, column);

    public bool IsInteger(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_INTEGER;

    public bool IsBlob(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_BLOB;

    public long Int64(int column) => raw.sqlite3_column_int64(statement, column);

    public double Double(int column) => raw.sqlite3_column_double(statement, column);

    /// <summary>Gets a blob's bytes, or a text's in UTF-8, where SQLite keeps them: valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column)
    {
        if (!IsBlob(column))
        {
            // The database may be in UTF-16; this turns the value into UTF-8 in place.
            _ = raw.sqlite3_column_text(statement, column);
        }

        return raw.sqlite3_column_blob(statement, column);
    }

    public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string() ?? string.Empty;

    public byte[] Blob(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

    public void Dispose() => statement.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw database.Failure(code, detailIsSafe: false);
        }
    }

    private void ThrowStepFailed(int code)
    {
        var failure = database.Failure(code, detailIsSafe: false);
        Reset();
        throw failure;
    }
}
