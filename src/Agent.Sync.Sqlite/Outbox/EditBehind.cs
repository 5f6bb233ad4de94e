using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>Makes the edit that waits behind a change in flight a part of that change. Runs in the caller's transaction.</summary>
internal sealed class EditBehind : IDisposable
{
    private readonly Statements _statements;
    private readonly SqliteStatement _mark;
    private readonly SqliteStatement _forget;

    public EditBehind(SqliteDatabase database, OutboxNames names)
    {
        _statements = new Statements(database);
        var table = names.Table;
        var marks = OutboxSchema.ReadMarks(database, names).Select(mark => $", {mark} = {table}.{mark} | f.{mark}");
        _mark = _statements.Prepare(
            $"""
            UPDATE {table} SET code = f.code, found = f.found{string.Concat(marks)} FROM {table} f
            WHERE {table}.id = ?1 AND f.id <> ?1 AND {names.IsBehind("f.", $"{table}.")}
            """);
        _forget = _statements.Prepare(
            $"DELETE FROM {table} WHERE state = {OutboxNames.Open} AND id <> ?1 AND {names.HasKey(string.Empty, key => $"(SELECT o.{OutboxNames.Key(key)} FROM {table} o WHERE o.id = ?1)")}");
    }

    /// <summary>Deletes the edit behind a change; its values are in the local row, for the change to take up. An edit that is held back holds the whole back.</summary>
    public void TakeUp(long change)
    {
        _mark.Run(change);
        _forget.Run(change);
    }

    public void Dispose() => _statements.Dispose();
}
