namespace Agent.Sync.Sqlite;

/// <summary>The options of a <see cref="SqliteStore"/>. Its constructor checks and copies them; changing them later has no effect.</summary>
public sealed class SqliteStoreOptions
{
    /// <summary>Gets or sets the database file. Required.</summary>
    /// <value>
    /// A path; a relative one is resolved against the current directory when the store is created. The file is created when it is
    /// missing (readable by its owner only, where the system has such permissions); its directory is not.
    /// </value>
    public string? DatabasePath { get; set; }

    /// <summary>Gets or sets how uuids are kept. The default is <see cref="SqliteUuidFormat.Text"/>. One file keeps one format.</summary>
    public SqliteUuidFormat UuidFormat { get; set; }

    /// <summary>Gets or sets when SQLite waits for the disk. The default is <see cref="SqliteSynchronous.Full"/>.</summary>
    public SqliteSynchronous Synchronous { get; set; }

    /// <summary>Gets or sets how long a call waits for another connection's write before it fails with a transient error.</summary>
    /// <value>0 to 10 minutes. The default is 5 s.</value>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets the page size of a file that the store creates. An existing file keeps its own.</summary>
    /// <value>Bytes, a power of two from 512 to 65,536. The default is 16,384: with random keys it halves what is written.</value>
    public int PageSize { get; set; } = 16 * 1024;

    /// <summary>Gets or sets a value indicating whether the app's edits are recorded, to be pushed. The default is true.</summary>
    /// <value>
    /// False for a store that is only pulled into: its tables get no triggers, and triggers of an earlier run are removed. Local edits are then
    /// replaced by the server's next version of their row. When it is true again, the next run compares every row with the server's.
    /// </value>
    public bool RecordChanges { get; set; } = true;

    /// <summary>Gets or sets a value indicating whether a missing local table is created. The default is true.</summary>
    /// <value>
    /// False where the app creates its tables itself, for example with migrations of EF Core. A sync that starts too early is then refused with
    /// <see cref="SyncErrorKind.LocalSchema"/>, and neither the file nor a table is created. Columns of a dataset that the app's table lacks are still added.
    /// </value>
    public bool CreateMissingTables { get; set; } = true;

    /// <summary>Gets or sets what gives the key of an encrypted database. Null, the default, is a database without encryption.</summary>
    /// <value>
    /// <para>
    /// A delegate that returns a passphrase, or a raw key in the notation of the app's SQLite library, as in <c>Password</c> of a connection string. It is called at the store's first call, on
    /// whatever thread that runs, and once it gave a key never again; it gets the token of that call. The key is kept in memory until the store is disposed, and in no log or exception.
    /// </para>
    /// <para>
    /// It takes a SQLite library that encrypts: the package Agent.Sync.Sqlite.Core and a bundle such as SQLite3MC.PCLRaw.bundle. The calls of a store whose library does not encrypt, whose file is
    /// not encrypted, whose key is wrong, or whose delegate throws or returns null or nothing, fail with <see cref="SyncErrorKind.StoreKeyRefused"/>, and no row is written.
    /// <see cref="PageSize"/> does not count then: the library chooses.
    /// </para>
    /// </value>
    public Func<CancellationToken, ValueTask<string?>>? Key { get; set; }
}
