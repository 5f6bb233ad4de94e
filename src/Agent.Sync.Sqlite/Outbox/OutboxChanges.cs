using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>Whether a local table has an outbox, changes in it, and parked rows: a pull into a table without them skips the work.</summary>
internal readonly record struct OutboxChanges(bool Exists, bool Any, bool HasParked)
{
    public static OutboxChanges Read(SqliteDatabase database, Dataset dataset)
    {
        using var statement = database.Prepare(
            $"SELECT EXISTS (SELECT 1 FROM {OutboxRegistry.Table} WHERE local_table = ?1), EXISTS (SELECT 1 FROM {ParkedTable.Name} WHERE local_table = ?1)");
        statement.Bind(1, dataset.LocalTable);
        statement.Step();
        var (exists, hasParked) = (statement.Int64(0) != 0, statement.Int64(1) != 0);
        return new OutboxChanges(
            exists, exists && LocalTable.HasRows(database, new OutboxNames(dataset).TableName), hasParked);
    }

    /// <summary>Counts the changes to be sent whose row on the server is known to have changed since the edit began. A delete of a row that is already gone does not count.</summary>
    public static long CountContested(SqliteDatabase database, Dataset dataset)
    {
        if (!Read(database, dataset).Any)
        {
            return 0;
        }

        var names = new OutboxNames(dataset);
        return database.QueryInt64(
            $"""
            SELECT count(*) FROM {names.Table} o WHERE code IS NULL AND (has_server = {OutboxNames.ServerRow}
                OR (has_server = {OutboxNames.ServerGone} AND EXISTS (SELECT 1 FROM {names.Local} t WHERE {names.IsAbout("o.", "t")})))
            """) ?? 0;
    }
}
