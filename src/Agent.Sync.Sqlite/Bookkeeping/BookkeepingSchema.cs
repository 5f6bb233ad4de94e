using System.Security.Cryptography;
using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Bookkeeping;

/// <summary>The store's own tables, with their version and the store's identity.</summary>
internal static class BookkeepingSchema
{
    public const int Version = 6;

    // The name of the registry up to version 4.
    private const string FormerRegistry = "agent_sync_outbox";

    private const int KeyLength = 32;

    private const int IdLength = 16;

    private static readonly string[] Tables =
    [
        "CREATE TABLE IF NOT EXISTS agent_sync_meta (name TEXT NOT NULL PRIMARY KEY, value)",
        """
        CREATE TABLE IF NOT EXISTS agent_sync_checkpoint (
            slot TEXT NOT NULL PRIMARY KEY, revision INTEGER NOT NULL, content BLOB NOT NULL)
        """,
        """
        CREATE TABLE IF NOT EXISTS agent_sync_checkpoint_aside (
            id INTEGER PRIMARY KEY, slot TEXT NOT NULL, revision INTEGER, content BLOB)
        """,
        """
        CREATE TABLE IF NOT EXISTS agent_sync_lease (
            slot TEXT NOT NULL PRIMARY KEY, fence INTEGER NOT NULL, machine TEXT, process_id INTEGER,
            process_started INTEGER, instance TEXT, expires_at INTEGER NOT NULL)
        """,
        """
        CREATE TABLE IF NOT EXISTS agent_sync_generation (
            slot TEXT NOT NULL PRIMARY KEY, generation INTEGER NOT NULL, is_complete INTEGER NOT NULL)
        """,
        $"CREATE TABLE IF NOT EXISTS {ApplyGuard.Table} (id INTEGER PRIMARY KEY)",
        $"""
        CREATE TABLE IF NOT EXISTS {OutboxRegistry.Table} (
            local_table TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, unrecorded INTEGER NOT NULL)
        """,
        """
        CREATE TABLE IF NOT EXISTS agent_sync_parked (
            id INTEGER PRIMARY KEY AUTOINCREMENT, local_table TEXT NOT NULL COLLATE NOCASE, key TEXT NOT NULL, kind INTEGER NOT NULL,
            content BLOB NOT NULL, version, code TEXT NOT NULL, constraint_name TEXT, generation INTEGER, UNIQUE (local_table, key))
        """,
        """
        CREATE TABLE IF NOT EXISTS agent_sync_column (
            local_table TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL COLLATE NOCASE, number INTEGER NOT NULL,
            is_sent INTEGER NOT NULL, state INTEGER NOT NULL, remote TEXT, PRIMARY KEY (local_table, name)) WITHOUT ROWID
        """,
        """
        CREATE TABLE IF NOT EXISTS agent_sync_reread (
            local_table TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, last INTEGER NOT NULL, due INTEGER, begun INTEGER)
        """,
    ];

    /// <summary>Makes the tables in a new file, brings those of an earlier version up to date, or refuses a newer version.</summary>
    /// <param name="database">The database.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="upgrade">Brings the other tables of an earlier version up to date. Runs in the transaction that raises the version.</param>
    public static void Ensure(SqliteDatabase database, string path, Action<SqliteDatabase> upgrade)
    {
        var version = ReadVersion(database);
        if (version is null or (> 0 and < Version))
        {
            version = database.Write(() => Create(database, upgrade));
        }

        if (version != Version)
        {
            throw new SyncStoreException(
                SyncErrorKind.StoreFailed,
                $"The database '{path}' was prepared by another version of this library (bookkeeping version {version}, this one knows {Version}): update the library, or start with a new file.");
        }
    }

    public static Guid ReadStoreId(SqliteDatabase database) =>
        new(ReadMeta(database, "store_id", IdLength, StoreIdIsDamaged) ?? throw StoreIdIsDamaged());

    public static byte[] GetOrCreateKey(SqliteDatabase database) =>
        ReadMeta(database, "key", KeyLength, KeyIsDamaged) ?? database.Write(() =>
        {
            // Another process may have made it since it was looked for.
            WriteMeta(database, "key", RandomNumberGenerator.GetBytes(KeyLength));
            return ReadMeta(database, "key", KeyLength, KeyIsDamaged)!;
        });

    private static long? ReadVersion(SqliteDatabase database)
    {
        if (database.QueryInt64("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'agent_sync_meta'") is null)
        {
            return null;
        }

        using var statement = database.Prepare("SELECT value FROM agent_sync_meta WHERE name = 'schema_version'");
        return statement.Step() && statement.IsInteger(0) ? statement.Int64(0) : 0;
    }

    private static long Create(SqliteDatabase database, Action<SqliteDatabase> upgrade)
    {
        var found = ReadVersion(database);
        if (found is 0 or >= Version)
        {
            return found.Value;
        }

        foreach (var table in Tables)
        {
            database.Execute(table);
        }

        if (found is not null)
        {
            MoveRegistry(database);
            AddRemoteNames(database);
            upgrade(database);
        }

        database.Execute($"INSERT OR REPLACE INTO agent_sync_meta (name, value) VALUES ('schema_version', {Version})");
        WriteMeta(database, "store_id", Guid.NewGuid().ToByteArray());
        return Version;
    }

    private static void MoveRegistry(SqliteDatabase database)
    {
        if (database.QueryInt64($"SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '{FormerRegistry}'") is null)
        {
            return;
        }

        database.Execute($"INSERT OR REPLACE INTO {OutboxRegistry.Table} (local_table, unrecorded) SELECT local_table, unrecorded FROM {FormerRegistry}");
        database.Execute($"DROP TABLE {FormerRegistry}");
    }

    // Up to version 5 a column had one name, on both sides.
    private static void AddRemoteNames(SqliteDatabase database)
    {
        if (database.QueryInt64("SELECT 1 FROM pragma_table_info('agent_sync_column') WHERE name = 'remote'") is null)
        {
            database.Execute("ALTER TABLE agent_sync_column ADD COLUMN remote TEXT");
            database.Execute("UPDATE agent_sync_column SET remote = name");
        }
    }

    private static byte[]? ReadMeta(SqliteDatabase database, string name, int length, Func<SyncStoreException> damaged)
    {
        using var statement = database.Prepare("SELECT value FROM agent_sync_meta WHERE name = ?1");
        statement.Bind(1, name);
        if (!statement.Step())
        {
            return null;
        }

        return statement.IsBlob(0) && statement.Blob(0) is { } value && value.Length == length ? value : throw damaged();
    }

    private static SyncStoreException StoreIdIsDamaged() => BookkeepingFault.Damaged(
        "agent_sync_meta",
        "The store's id is missing or not what the store wrote: restore a copy of the file; or run INSERT OR REPLACE INTO agent_sync_meta (name, value) VALUES ('store_id', randomblob(16)), "
        + "then ask for a full resync (the file counts as another one); edits that wait stay.");

    private static SyncStoreException KeyIsDamaged() => BookkeepingFault.Damaged(
        "agent_sync_meta",
        "The key that seals checkpoints is not what the store wrote: restore a copy of the file; or run DELETE FROM agent_sync_meta WHERE name = 'key', then reset the datasets, whose checkpoints are refused.");

    private static void WriteMeta(SqliteDatabase database, string name, ReadOnlySpan<byte> value)
    {
        using var statement = database.Prepare("INSERT OR IGNORE INTO agent_sync_meta (name, value) VALUES (?1, ?2)");
        statement.Bind(1, name);
        statement.BindBlob(2, value);
        statement.Run();
    }
}
