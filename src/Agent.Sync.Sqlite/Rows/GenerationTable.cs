using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Parking;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Rows;

/// <summary>
/// Which keys a resync has seen: a table of keys per dataset, by key and not by rowid, since VACUUM renumbers rows.
/// Runs in the caller's transaction.
/// </summary>
internal sealed class GenerationTable(SqliteDatabase database, Dataset dataset)
{
    private readonly string _slot = CheckpointId.For(dataset).Id;

    private string Seen => $"{Names.Prefix}seen_{_slot}";

    private string Local => Names.Quote(dataset.LocalTable);

    private string Unseen
    {
        get
        {
            var matches = Names.Keys(dataset).Select(name => $"s.{Names.Quote(name)} = {Local}.{Names.Quote(name)}");
            return $"NOT EXISTS (SELECT 1 FROM {Seen} s WHERE {string.Join(" AND ", matches)})";
        }
    }

    /// <summary>Returns the table of the keys that the resync under way has seen; null when there is none, or something was found since it began.</summary>
    public static string? SeenBy(SqliteDatabase database, Dataset dataset)
    {
        var seen = new GenerationTable(database, dataset).Seen;
        return RereadTable.IsCovered(database, dataset.LocalTable) && LocalTable.Read(database, seen) is not null ? seen : null;
    }

    /// <summary>Begins a generation, or goes on with it.</summary>
    /// <returns>The statement that remembers a key, its parameters the key's columns; null when the generation is over.</returns>
    public string? Enter(long generation)
    {
        var (current, isComplete) = Read();
        if (current != generation)
        {
            Begin(generation);
        }
        else if (isComplete)
        {
            return null;
        }

        var keys = Names.Keys(dataset).ToList();
        var parameters = string.Join(", ", Enumerable.Range(1, keys.Count).Select(static index => $"?{index}"));
        return $"INSERT OR IGNORE INTO {Seen} ({Names.List(keys)}) VALUES ({parameters})";
    }

    /// <summary>Removes the rows the generation did not bring. A row with a local change stays, and does not count for the guard.</summary>
    /// <returns>What happened; a refusal has written nothing.</returns>
    public SwapResult Swap(GenerationSwap swap)
    {
        var local = Count(string.Empty);
        var (current, isComplete) = Read();
        if (current == swap.Generation && isComplete)
        {
            // The answer to the first swap was lost; its rows are gone already.
            return new SwapResult(Refused: false, Removed: 0, local);
        }

        var changes = OutboxChanges.Read(database, dataset);
        var outbox = new OutboxSwap(database, dataset, changes);
        var hasSeen = current == swap.Generation && database.QueryInt64($"SELECT EXISTS (SELECT 1 FROM {Seen})") == 1;
        var removable = changes.Any || swap.Reconciliation is not null ? Count($" WHERE {outbox.IsRemovable(swap.Reconciliation)}") : local;
        var unseen = $"{(hasSeen ? Unseen : "1")} AND {outbox.IsRemovable(swap.Reconciliation)}";
        var removed = hasSeen ? Count($" WHERE {unseen}") : removable;
        var isTooMuch = removed > swap.MaxRemovedShare * removable || (!hasSeen && removable > 0);
        if (swap.MaxRemovedShare < 1 && isTooMuch)
        {
            return new SwapResult(Refused: true, removed, local);
        }

        var held = outbox.EndSearch(hasSeen ? Unseen : "1", hasSeen ? Seen : null, swap.Reconciliation);
        outbox.LearnRemoved(hasSeen ? Seen : null);
        var stays = Remove(unseen);
        if (RereadTable.TryEnd(database, dataset.LocalTable))
        {
            ColumnRegistry.MarkRead(database, dataset.LocalTable);
        }

        database.Execute($"DROP TABLE IF EXISTS {Seen}");
        AbsentRows.Drop(database, dataset);
        ParkedTable.RemoveUnseen(database, dataset.LocalTable, swap.Generation);
        stays.ForEach(key => ParkedTable.AddDelete(database, dataset.LocalTable, key));
        Save(swap.Generation, isComplete: true);
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
                if (TryRun(remove, row))
                {
                    isGone.Bind(1, row);
                    isGone.Run();
                }
            }
        }

        var stays = ReadKeys($"SELECT {keys} FROM {Keys}");
        database.Execute($"DROP TABLE {Keys}");
        return stays;
    }

    private static bool TryRun(SqliteStatement statement, long row)
    {
        try
        {
            statement.Bind(1, row);
            statement.Run();
            return true;
        }
        catch (SqliteFailure failure) when (RowRefusal.IsOfOneRow(failure))
        {
            return false;
        }
    }

    private List<byte[]> ReadKeys(string sql)
    {
        using var json = new ChangeJson(dataset);
        using var statement = database.Prepare(sql);
        var keys = new List<byte[]>();
        while (statement.Step())
        {
            json.Clear();
            json.StartObject();
            for (var i = 0; i < dataset.KeyOrdinals.Count; i++)
            {
                json.Write(dataset.KeyOrdinals[i], statement, i);
            }

            json.EndObject();
            keys.Add(json.Written.ToArray());
        }

        return keys;
    }

    private void Begin(long generation)
    {
        var table = LocalTable.Read(database, dataset.LocalTable)
            ?? throw new SyncSchemaException(
                SyncErrorKind.LocalSchema, $"The local table '{dataset.LocalTable}' is gone: prepare the dataset again.", dataset.Name);
        var keys = Names.Keys(dataset).ToList();
        // The types of the local table: between columns of different affinity SQLite would not use the index.
        var columns = keys.Select(name => $"{Names.Quote(name)} {table.Find(name)?.DeclaredType} NOT NULL");
        RereadTable.Begin(database, dataset.LocalTable);
        database.Execute($"DROP TABLE IF EXISTS {Seen}");
        database.Execute($"CREATE TABLE {Seen} ({string.Join(", ", columns)}, PRIMARY KEY ({Names.List(keys)})) WITHOUT ROWID");
        Save(generation, isComplete: false);
    }

    private long Count(string condition) => database.QueryInt64($"SELECT count(*) FROM {Local}{condition}") ?? 0;

    private (long? Generation, bool IsComplete) Read()
    {
        using var statement = database.Prepare("SELECT generation, is_complete FROM agent_sync_generation WHERE slot = ?1");
        statement.Bind(1, _slot);
        return statement.Step() ? (statement.Int64(0), statement.Int64(1) != 0) : (null, false);
    }

    private void Save(long generation, bool isComplete)
    {
        using var statement = database.Prepare("INSERT OR REPLACE INTO agent_sync_generation (slot, generation, is_complete) VALUES (?1, ?2, ?3)");
        statement.Bind(1, _slot);
        statement.Bind(2, generation);
        statement.Bind(3, isComplete ? 1L : 0L);
        statement.Run();
    }
}
