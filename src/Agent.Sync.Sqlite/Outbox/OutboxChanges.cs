using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Rows;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>Whether a local table has an outbox, and changes in it, and rows that are parked: without any, a pull is spared all of this.</summary>
internal readonly record struct OutboxChanges(bool Exists, bool Any, bool HasParked)
{
    public static OutboxChanges Read(SqliteDatabase database, Dataset dataset)
    {
        using var statement = database.Prepare(
            $"SELECT EXISTS (SELECT 1 FROM agent_sync_outbox WHERE local_table = ?1), EXISTS (SELECT 1 FROM {ParkedTable.Name} WHERE local_table = ?1)");
        statement.Bind(1, dataset.LocalTable);
        statement.Step();
        var (exists, hasParked) = (statement.Int64(0) != 0, statement.Int64(1) != 0);
        return new OutboxChanges(
            exists, exists && database.QueryInt64($"SELECT EXISTS (SELECT 1 FROM {new OutboxNames(dataset).Table})") == 1, hasParked);
    }
}
