using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>Makes the edit that waits behind a change in flight a part of that change. Runs in the caller's transaction.</summary>
internal sealed class EditBehind : IDisposable
{
    private readonly SqliteStatement _mark;
    private readonly SqliteStatement _forget;

    public EditBehind(SqliteDatabase database, OutboxNames names)
    {
        var table = names.Table;
        var marks = OutboxSchema.ReadMarks(database, names).Select(mark => $", {mark} = {table}.{mark} | f.{mark}");
        _mark = database.Prepare(
            $"""
            UPDATE {table} SET code = f.code, found = f.found{string.Concat(marks)} FROM {table} f
            WHERE {table}.id = ?1 AND f.id <> ?1 AND f.state = {OutboxNames.Open} AND {names.HasKey("f.", key => $"{table}.{OutboxNames.Key(key)}")}
            """);
        _forget = database.Prepare(
            $"DELETE FROM {table} WHERE state = {OutboxNames.Open} AND id <> ?1 AND {names.HasKey(string.Empty, key => $"(SELECT a.{OutboxNames.Key(key)} FROM {table} a WHERE a.id = ?1)")}");
    }

    /// <summary>Deletes the edit behind a change; its values are in the local row, for the change to take up. An edit that is held back holds the whole back.</summary>
    public void TakeUp(long change)
    {
        foreach (var statement in new[] { _mark, _forget })
        {
            statement.Bind(1, change);
            statement.Run();
        }
    }

    public void Dispose()
    {
        _mark.Dispose();
        _forget.Dispose();
    }
}
