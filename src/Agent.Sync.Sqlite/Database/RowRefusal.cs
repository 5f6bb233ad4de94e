using SQLitePCL;

namespace Agent.Sync.Sqlite.Database;

/// <summary>Why a local table may refuse one row. Any other failure is about the file or the statement, and fails the call.</summary>
internal static class RowRefusal
{
    /// <summary>A unique index, or the primary key: another row has the value.</summary>
    public const string Unique = "local_unique";

    /// <summary>A trigger, or any other reason.</summary>
    public const string Trigger = "local_trigger";

    private const string Prefix = " constraint failed: ";

    /// <summary>Whether a statement that writes one row failed because of that row.</summary>
    // A trigger of the app's, an expression of an index or a CHECK may fail on a value with the general error.
    public static bool Is(SqliteFailure failure) => failure.Code is raw.SQLITE_CONSTRAINT or raw.SQLITE_MISMATCH or raw.SQLITE_ERROR;

    /// <summary>Whether it did, and the transaction is still open: a trigger with RAISE(ROLLBACK) undoes all of it.</summary>
    public static bool IsOfOneRow(SqliteFailure failure) => Is(failure) && !failure.EndedTransaction;

    /// <summary>Executes a statement that writes one row.</summary>
    /// <returns>False when the local table refuses the row; the transaction goes on.</returns>
    public static bool TryRun(SqliteStatement statement)
    {
        try
        {
            statement.Run();
            return true;
        }
        catch (SqliteFailure failure) when (IsOfOneRow(failure))
        {
            return false;
        }
    }

    public static string CodeOf(SqliteFailure failure) => failure.ExtendedCode switch
    {
        raw.SQLITE_CONSTRAINT_UNIQUE or raw.SQLITE_CONSTRAINT_PRIMARYKEY or raw.SQLITE_CONSTRAINT_ROWID => Unique,
        raw.SQLITE_CONSTRAINT_NOTNULL => "local_not_null",
        raw.SQLITE_CONSTRAINT_CHECK => "local_check",
        raw.SQLITE_MISMATCH => "local_type",
        _ => Trigger,
    };

    /// <summary>Returns the columns or the name of the constraint, as SQLite says them; null for a message that may hold values.</summary>
    public static string? ConstraintOf(SqliteFailure failure)
    {
        var start = failure.Detail?.IndexOf(Prefix, StringComparison.Ordinal) ?? -1;
        return start < 0 ? null : failure.Detail![(start + Prefix.Length)..];
    }
}
