using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>Whether a local table has an outbox, and changes in it: without any, a pull is spared all of this.</summary>
internal readonly record struct OutboxChanges(bool Exists, bool Any)
{
    public static OutboxChanges Read(SqliteDatabase database, Dataset dataset)
    {
        if (OutboxRegistry.Read(database, dataset.LocalTable) is null)
        {
            return default;
        }

        return new OutboxChanges(true, database.QueryInt64($"SELECT EXISTS (SELECT 1 FROM {new OutboxNames(dataset).Table})") == 1);
    }
}
