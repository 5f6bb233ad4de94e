namespace Agent.Sync.Sqlite.Bookkeeping;

/// <summary>Why edits may be missing from an outbox. The numbers are kept in the file.</summary>
internal enum RecordingGap
{
    /// <summary>None are.</summary>
    None = 0,

    /// <summary>The triggers were gone: rows are compared with the server's.</summary>
    TriggersGone = 1,

    /// <summary>The table itself was gone, or was left empty without triggers: that no row is here says nothing about the app's wishes.</summary>
    RowsGone = 2,
}
