namespace Agent.Sync.Sqlite.Database;

/// <summary>Sees every statement.</summary>
/// <param name="point">Where.</param>
/// <param name="sql">The statement; it never holds a value. Empty at points without a statement.</param>
/// <returns>0 to go on, or a SQLite result code with which the statement fails instead.</returns>
internal delegate int SqliteHook(SqlitePoint point, string sql);

/// <summary>The moments at which a simulation or a test may look in, fail a statement, or take the process away.</summary>
internal enum SqlitePoint
{
    /// <summary>The file is about to be opened.</summary>
    BeforeOpen,

    /// <summary>A write transaction is about to begin.</summary>
    BeforeBegin,

    /// <summary>One execution of a statement, rows of an apply included, is about to start.</summary>
    Statement,

    /// <summary>A write transaction is about to be committed.</summary>
    BeforeCommit,

    /// <summary>A write transaction is durable; its caller does not know yet.</summary>
    AfterCommit,
}
