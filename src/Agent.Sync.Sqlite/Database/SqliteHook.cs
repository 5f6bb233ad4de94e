namespace Agent.Sync.Sqlite.Database;

/// <summary>Sees every statement.</summary>
/// <param name="point">Where.</param>
/// <param name="sql">The statement; it never holds a value. Empty where there is none.</param>
/// <returns>0 to go on, or a SQLite result code with which the statement fails instead.</returns>
internal delegate int SqliteHook(SqlitePoint point, string sql);
