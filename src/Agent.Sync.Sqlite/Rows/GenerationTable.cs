using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
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

    /// <summary>Gets the table of the keys.</summary>
    public string Seen => $"{Names.Prefix}seen_{_slot}";

    /// <summary>Gets the condition that the resync did not bring a local row.</summary>
    public string Unseen
    {
        get
        {
            // s = a key that was seen
            var matches = Names.Keys(dataset).Select(name => $"s.{Names.Quote(name)} = {Names.Quote(dataset.LocalTable)}.{Names.Quote(name)}");
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

    /// <summary>Returns the last generation, and whether it is complete.</summary>
    public (long? Generation, bool IsComplete) Read()
    {
        using var statement = database.Prepare("SELECT generation, is_complete FROM agent_sync_generation WHERE slot = ?1");
        statement.Bind(1, _slot);
        return statement.Step() ? (statement.Int64(0), statement.Int64(1) != 0) : (null, false);
    }

    /// <summary>Whether the generation has seen any key.</summary>
    public bool HasSeen() => database.QueryInt64($"SELECT EXISTS (SELECT 1 FROM {Seen})") == 1;

    /// <summary>Forgets the keys: the generation is complete.</summary>
    public void Complete(long generation)
    {
        database.Execute($"DROP TABLE IF EXISTS {Seen}");
        Save(generation, isComplete: true);
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

    private void Save(long generation, bool isComplete)
    {
        using var statement = database.Prepare("INSERT OR REPLACE INTO agent_sync_generation (slot, generation, is_complete) VALUES (?1, ?2, ?3)");
        statement.Bind(1, _slot);
        statement.Bind(2, generation);
        statement.Bind(3, isComplete ? 1L : 0L);
        statement.Run();
    }
}
