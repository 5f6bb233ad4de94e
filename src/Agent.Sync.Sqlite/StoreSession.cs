using Agent.Sync.Sqlite.Applying;
using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Configuration;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Rows;

namespace Agent.Sync.Sqlite;

/// <summary>The open file and what lives as long as its connection.</summary>
internal sealed class StoreSession : IDisposable
{
    private DatasetPlan? _plan;

    private StoreSession(SqliteDatabase database, CheckedOptions options)
    {
        Database = database;
        Options = options;
        Leases = new LeaseTable(database);
        Checkpoints = new CheckpointTable(database, Leases);
    }

    public SqliteDatabase Database { get; }

    public CheckedOptions Options { get; }

    public LeaseTable Leases { get; }

    public CheckpointTable Checkpoints { get; }

    public static StoreSession Open(CheckedOptions options, DatabaseKey key, SqliteHook? hook)
    {
        var database = SqliteOpener.Open(options, key, hook);
        try
        {
            BookkeepingSchema.Ensure(database, options.Path, OutboxUpgrade.Run);
            database.RememberLog();
            return new StoreSession(database, options);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Does work in one write transaction whose writes to a dataset's local table are not recorded as the app's own.</summary>
    public T WriteRows<T>(Dataset dataset, Func<T> work) => Database.Write(() => ApplyGuard.Run(Database, dataset.LocalTable, work));

    /// <summary>Does work as <see cref="WriteRows{T}(Dataset, Func{T})"/>: in the fast way first, in which a row that the table refuses undoes all of it, and then again with care.</summary>
    /// <param name="dataset">The dataset whose local table it writes to.</param>
    /// <param name="work">The work; told whether to write with care. What it did the first time is undone in the database alone.</param>
    public T WriteRows<T>(Dataset dataset, Func<bool, T> work)
    {
        try
        {
            return WriteRows(dataset, () => work(false));
        }
        catch (SqliteFailure failure) when (RowRefusal.Is(failure))
        {
            return WriteRows(dataset, () => work(true));
        }
    }

    /// <summary>Tries the parked rows of a local table again. Runs in the caller's transaction.</summary>
    /// <returns>How many were stored.</returns>
    public long RetryParked(Dataset dataset, bool isAfterApply)
    {
        if (!ParkedTable.Any(Database, dataset.LocalTable) || OutboxRegistry.Read(Database, dataset.LocalTable) == RecordingGap.TriggersGone)
        {
            // While unrecorded edits are looked for, a row that is stored now would pass for one that was there before. The swap tries them.
            return 0;
        }

        using var retry = new ParkedRetry(Database, new DatasetPlan(dataset, Options.UuidFormat), Options.UuidFormat);
        return retry.Run(isAfterApply);
    }

    public DatasetPlan PlanFor(Dataset dataset) =>
        ReferenceEquals(_plan?.Dataset, dataset) ? _plan : _plan = new DatasetPlan(dataset, Options.UuidFormat);

    public void Dispose() => Database.Dispose();
}
