using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>
/// Takes a local table's changes along when the app renames the table and the dataset with it. Under the new name they would wait for ever, and the next pull would
/// overwrite what they are about. Runs in the caller's transaction.
/// </summary>
internal sealed class MovedOutbox(SqliteDatabase database, Dataset dataset)
{
    private const string TriggersOfTheTable =
        $"SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE AND substr(name, 1, 11) = '{Names.Prefix}'";

    /// <summary>Follows the table.</summary>
    /// <returns>Whether the triggers came along, so that no edit can be missing.</returns>
    /// <exception cref="SyncSchemaException">The former table is still there, and changes wait in it.</exception>
    public bool Follow()
    {
        var last = TableRegistry.Read(database, dataset.Name);
        var former = OutboxRegistry.Read(database, dataset.LocalTable) is null ? FormerName(last) : null;
        if (!string.Equals(last, dataset.LocalTable, StringComparison.Ordinal))
        {
            TableRegistry.Write(database, dataset.Name, dataset.LocalTable);
        }

        if (former is null || OutboxRegistry.Read(database, former) is null)
        {
            return false;
        }

        if (LocalTable.Read(database, former) is not null)
        {
            RequireNone(former);
            return false;
        }

        if (LocalTable.Read(database, dataset.LocalTable) is null)
        {
            // What these edits made of their rows went with the table.
            return false;
        }

        Move(former);
        return CountTriggers(former) == TriggerSql.Count;
    }

    private static bool IsSame(string? one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    /// <summary>SQLite takes the triggers along with a table that is renamed, and leaves them their names.</summary>
    private string? FormerName(string? last)
    {
        using var statement = database.Prepare(TriggersOfTheTable);
        statement.Bind(1, dataset.LocalTable);
        var former = statement.Step() ? TriggerSql.TableOf(statement.Text(0)) : last;
        return IsSame(former, dataset.LocalTable) ? null : former;
    }

    private int CountTriggers(string former)
    {
        using var statement = database.Prepare(TriggersOfTheTable);
        statement.Bind(1, dataset.LocalTable);
        var count = 0;
        while (statement.Step())
        {
            count += IsSame(TriggerSql.TableOf(statement.Text(0)), former) ? 1 : 0;
        }

        return count;
    }

    private void RequireNone(string former)
    {
        var outbox = OutboxNames.TableOf(former);
        if (LocalTable.Read(database, outbox) is not null && database.QueryInt64($"SELECT count(*) FROM {Names.Quote(outbox)}") is > 0 and var count)
        {
            throw new SyncSchemaException(
                SyncErrorKind.LocalSchema,
                $"Dataset '{dataset.Name}' had the local table '{former}', where {count} local changes wait: push or discard them with ToTable(\"{former}\") first, or rename that table to '{dataset.LocalTable}' instead of making another.",
                dataset.Name);
        }
    }

    private void Move(string former)
    {
        var (from, to) = (OutboxNames.TableOf(former), OutboxNames.TableOf(dataset.LocalTable));
        database.Execute($"ALTER TABLE {Names.Quote(from)} RENAME TO {Names.Quote(to)}");
        foreach (var index in OutboxSchema.Indexes(from, keyColumns: string.Empty).Keys)
        {
            database.Execute($"DROP INDEX IF EXISTS {Names.Quote(index)}");
        }

        var names = new OutboxNames(dataset);
        if (LocalTable.Read(database, to) is { } outbox && names.Keys.All(key => outbox.Find($"k_{key}") is not null))
        {
            foreach (var index in OutboxSchema.Indexes(to, names.KeyColumns).Values)
            {
                database.Execute(index);
            }
        }

        foreach (var table in new[] { OutboxRegistry.Table, "agent_sync_column", "agent_sync_reread", ParkedTable.Name })
        {
            using var statement = database.Prepare($"UPDATE {table} SET local_table = ?2 WHERE local_table = ?1");
            statement.Bind(1, former);
            statement.Bind(2, dataset.LocalTable);
            statement.Run();
        }
    }
}
