namespace Agent.Sync.Sqlite.Configuration;

/// <summary>The options after the check, so that nothing changes under an open store.</summary>
internal sealed record CheckedOptions(
    string Path, SqliteUuidFormat UuidFormat, SqliteSynchronous Synchronous, TimeSpan BusyTimeout, int PageSize, bool RecordChanges,
    bool CreateMissingTables, Func<CancellationToken, ValueTask<string?>>? Key)
{
    private const int MinPageSize = 512;

    private const int MaxPageSize = 65_536;

    private static readonly TimeSpan MaxBusyTimeout = TimeSpan.FromMinutes(10);

    public static CheckedOptions From(SqliteStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (string.IsNullOrWhiteSpace(options.DatabasePath))
        {
            throw new ArgumentException("DatabasePath is required: the file in which the rows and the checkpoints are kept.", nameof(options));
        }

        if (string.Equals(options.DatabasePath, ":memory:", StringComparison.OrdinalIgnoreCase)
            || options.DatabasePath.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException("DatabasePath must be the path of a file: a checkpoint that is not kept is of no use.", nameof(options));
        }

        if (options.BusyTimeout < TimeSpan.Zero || options.BusyTimeout > MaxBusyTimeout)
        {
            throw new ArgumentException($"BusyTimeout is {options.BusyTimeout}, but must be 0 to 10 minutes.", nameof(options));
        }

        if (options.PageSize is < MinPageSize or > MaxPageSize || !System.Numerics.BitOperations.IsPow2(options.PageSize))
        {
            throw new ArgumentException($"PageSize is {options.PageSize}, but must be a power of two from 512 to 65,536.", nameof(options));
        }

        if (!Enum.IsDefined(options.UuidFormat) || !Enum.IsDefined(options.Synchronous))
        {
            throw new ArgumentException("UuidFormat or Synchronous is not one of its values.", nameof(options));
        }

        return new CheckedOptions(
            System.IO.Path.GetFullPath(options.DatabasePath), options.UuidFormat, options.Synchronous, options.BusyTimeout, options.PageSize, options.RecordChanges,
            options.CreateMissingTables, options.Key);
    }
}
