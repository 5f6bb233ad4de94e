namespace Agent.Sync.Sqlite;

/// <summary>What a <see cref="SqliteStore"/> is made with. Checked and copied by its constructor; changing it later has no effect.</summary>
public sealed class SqliteStoreOptions
{
    /// <summary>Gets or sets the database file. Required.</summary>
    /// <value>
    /// A path; a relative one is taken from the current directory when the store is made. The file is made when it is
    /// missing (readable by its owner only, where the system has such permissions); its directory is not.
    /// </value>
    public string? DatabasePath { get; set; }

    /// <summary>Gets or sets how uuids are kept. The default is <see cref="SqliteUuidFormat.Text"/>. One file keeps one format.</summary>
    public SqliteUuidFormat UuidFormat { get; set; }

    /// <summary>Gets or sets when SQLite waits for the disk. The default is <see cref="SqliteSynchronous.Full"/>.</summary>
    public SqliteSynchronous Synchronous { get; set; }

    /// <summary>Gets or sets how long a call waits for another connection's write to end before it fails, transiently.</summary>
    /// <value>0 to 10 minutes. The default is 5 s.</value>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets the page size of a file that the store makes; one that exists keeps its own.</summary>
    /// <value>Bytes, a power of two from 512 to 65,536. The default is 16,384: with random keys it halves what is written.</value>
    public int PageSize { get; set; } = 16 * 1024;

    /// <summary>Gets or sets a value indicating whether the app's edits are recorded, to be pushed. The default is true.</summary>
    /// <value>
    /// False for a store that is only pulled into: no triggers are put on its tables, and triggers of an earlier run are taken away; local edits are then
    /// replaced by the server's next version of their row. Back at true, the next run compares every row with the server's.
    /// </value>
    public bool RecordChanges { get; set; } = true;

    /// <summary>Gets or sets a value indicating whether a local table that is missing is made. The default is true.</summary>
    /// <value>
    /// False where the app makes its tables itself, for example with migrations of EF Core: a sync that comes too early is then refused with
    /// <see cref="SyncErrorKind.LocalSchema"/>, and neither the file nor a table is made. Columns of a dataset that the app's table lacks are still added.
    /// </value>
    public bool CreateMissingTables { get; set; } = true;
}
