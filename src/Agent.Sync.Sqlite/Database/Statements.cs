namespace Agent.Sync.Sqlite.Database;

/// <summary>The prepared statements of one object, which live as long as it does.</summary>
internal sealed class Statements(SqliteDatabase database) : IDisposable
{
    private readonly List<SqliteStatement> _statements = [];

    public SqliteStatement Prepare(string sql)
    {
        var statement = database.Prepare(sql);
        _statements.Add(statement);
        return statement;
    }

    public void Dispose() => _statements.ForEach(static statement => statement.Dispose());
}
