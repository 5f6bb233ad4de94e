namespace Agent.Sync.Sqlite;

/// <summary>When SQLite waits for the disk.</summary>
public enum SqliteSynchronous
{
    /// <summary>At every commit. What was committed survives a power failure.</summary>
    Full,

    /// <summary>
    /// At checkpoints of the write-ahead log: a power failure may undo the last commits, rows and checkpoint together,
    /// so the next run reads them again. The file stays consistent.
    /// </summary>
    Normal,
}
