using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Sqlite.Values;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Applying;

/// <summary>Ends a resync: removes the local rows that it did not bring. Runs in the caller's transaction.</summary>
internal sealed class UnseenRows(SqliteDatabase database, Dataset dataset)
{
    private readonly GenerationTable _generations = new(database, dataset);

    private string Local => Names.Quote(dataset.LocalTable);

    /// <summary>Removes the rows the generation did not bring. A row with a local change stays, and does not count for the guard.</summary>
    /// <returns>What happened; a refusal has written nothing.</returns>
    public SwapResult Swap(GenerationSwap swap)
    {
        var local = Count(string.Empty);
        var (current, isComplete) = _generations.Read();
        if (current == swap.Generation && isComplete)
        {
            // The answer to the first swap was lost; its rows are gone already.
            return new SwapResult(Refused: false, Removed: 0, local);
        }

        var changes = OutboxChanges.Read(database, dataset);
        var outbox = new OutboxSwap(database, dataset, changes);
        var hasSeen = current == swap.Generation && _generations.HasSeen();
        var removable = changes.Any || swap.Reconciliation is not null ? Count($" WHERE {outbox.IsRemovable(swap.Reconciliation)}") : local;
        var unseen = $"{(hasSeen ? _generations.Unseen : "1")} AND {outbox.IsRemovable(swap.Reconciliation)}";
        var removed = hasSeen ? Count($" WHERE {unseen}") : removable;
        var isTooMuch = removed > swap.MaxRemovedShare * removable || (!hasSeen && removable > 0);
        if (swap.MaxRemovedShare < 1 && isTooMuch)
        {
            return new SwapResult(Refused: true, removed, local);
        }

        var held = outbox.EndSearch(hasSeen ? _generations.Unseen : "1", hasSeen ? _generations.Seen : null, swap.Reconciliation);
        outbox.LearnRemoved(hasSeen ? _generations.Seen : null);
        var stays = Remove(unseen);
        if (RereadTable.TryEnd(database, dataset.LocalTable))
        {
            ColumnRegistry.MarkRead(database, dataset.LocalTable);
        }

        AbsentRows.Drop(database, dataset);
        ParkedTable.RemoveUnseen(database, dataset.LocalTable, swap.Generation);
        stays.ForEach(key => ParkedTable.AddDelete(database, dataset.LocalTable, key));
        _generations.Complete(swap.Generation);
        return new SwapResult(Refused: false, removed - stays.Count, local) { Held = held };
    }

    /// <returns>The keys of rows that a trigger of the app's did not let go.</returns>
    private List<byte[]> Remove(string unseen)
    {
        try
        {
            database.Execute($"DELETE FROM {Local} WHERE {unseen}");
            return [];
        }
        catch (SqliteFailure failure) when (RowRefusal.IsOfOneRow(failure))
        {
            return RemoveOneByOne(unseen);
        }
    }

    private List<byte[]> RemoveOneByOne(string unseen)
    {
        // The keys first: what a trigger does on the way changes what would be found.
        const string Keys = "temp.agent_sync_unseen";
        var keys = Names.List(Names.Keys(dataset));
        database.Execute($"CREATE TEMP TABLE agent_sync_unseen AS SELECT {keys} FROM {Local} WHERE {unseen}");
        using (var remove = database.Prepare($"DELETE FROM {Local} WHERE ({keys}) = (SELECT {keys} FROM {Keys} WHERE rowid = ?1)"))
        using (var isGone = database.Prepare($"DELETE FROM {Keys} WHERE rowid = ?1"))
        {
            for (var row = database.QueryInt64($"SELECT max(rowid) FROM {Keys}") ?? 0; row > 0; row--)
            {
                remove.Bind(1, row);
                if (RowRefusal.TryRun(remove))
                {
                    isGone.Run(row);
                }
            }
        }

        var stays = ReadKeys($"SELECT {keys} FROM {Keys}");
        database.Execute($"DROP TABLE {Keys}");
        return stays;
    }

    private List<byte[]> ReadKeys(string sql)
    {
        using var json = new StoredJson(dataset);
        using var statement = database.Prepare(sql);
        var keys = new List<byte[]>();
        while (statement.Step())
        {
            keys.Add(json.ToObject(dataset.KeyOrdinals, statement, first: 0));
        }

        return keys;
    }

    private long Count(string condition) => database.QueryInt64($"SELECT count(*) FROM {Local}{condition}") ?? 0;
}
