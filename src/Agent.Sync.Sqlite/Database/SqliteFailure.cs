namespace Agent.Sync.Sqlite.Database;

/// <summary>A SQLite result code on its way to the border of the store, where it becomes a <see cref="SyncStoreException"/>.</summary>
/// <param name="code">The result code, extended or not.</param>
/// <param name="detail">SQLite's message where it can only name tables and columns, else null.</param>
internal sealed class SqliteFailure(int code, string? detail) : Exception("A SQLite statement failed.")
{
    private const int PrimaryMask = 0xff;

    public int ExtendedCode { get; } = code;

    public int Code => ExtendedCode & PrimaryMask;

    public string? Detail { get; } = detail;

    /// <summary>Gets a value indicating whether the failure undid the whole transaction.</summary>
    public bool EndedTransaction { get; init; }
}
