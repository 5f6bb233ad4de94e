namespace Agent.Sync.Sqlite.Bookkeeping;

/// <summary>Says what to do about a bookkeeping table that does not hold what the store wrote.</summary>
internal static class BookkeepingFault
{
    public static SyncStoreException Damaged(string table, string advice) =>
        new(SyncErrorKind.StoreFailed, $"The table {table} is damaged or was changed by hand. {advice}");

    public static SyncStoreException Unreadable(string path, string? dataset, string reason) => new(
        SyncErrorKind.StoreFailed,
        $"What the store keeps in its agent_sync_ tables of '{path}' could not be read ({reason}): they are damaged or were changed by hand. Restore a copy of the file, or start with a new one.",
        dataset);
}
