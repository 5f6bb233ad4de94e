using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Rows;

namespace Agent.Sync.Sqlite;

/// <summary>The open file and what lives as long as its connection.</summary>
internal sealed class StoreSession : IDisposable
{
    private DatasetPlan? _plan;

    private StoreSession(SqliteDatabase database, SettledOptions options)
    {
        Database = database;
        Options = options;
        Leases = new LeaseTable(database);
        Checkpoints = new CheckpointTable(database, Leases);
    }

    public SqliteDatabase Database { get; }

    public SettledOptions Options { get; }

    public LeaseTable Leases { get; }

    public CheckpointTable Checkpoints { get; }

    public static StoreSession Open(SettledOptions options, SqliteHook? hook)
    {
        var database = SqliteOpener.Open(options, hook);
        try
        {
            BookkeepingSchema.Ensure(database, options.Path);
            database.RememberLog();
            return new StoreSession(database, options);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Does work in one write transaction whose writes to the app's tables are not recorded as the app's own.</summary>
    public T WriteRows<T>(Func<T> work) => Database.Write(() => ApplyGuard.Run(Database, work));

    public DatasetPlan PlanFor(Dataset dataset) =>
        ReferenceEquals(_plan?.Dataset, dataset) ? _plan : _plan = new DatasetPlan(dataset, Options.UuidFormat);

    public void Dispose() => Database.Dispose();
}
