namespace Agent.Sync.Sqlite.Bookkeeping;

/// <summary>Says what to do about a bookkeeping table that does not hold what the store wrote.</summary>
internal static class BookkeepingFault
{
    public static SyncStoreException Damaged(string table, string advice) =>
        new(SyncErrorKind.StoreFailed, $"The table {table} is damaged or was changed by hand. {advice}");
}
