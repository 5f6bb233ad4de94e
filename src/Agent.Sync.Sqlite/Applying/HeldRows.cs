using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Rows;

namespace Agent.Sync.Sqlite.Applying;

/// <summary>Keeps what a pull brings off the rows that have a local change, and tells the change of it. Runs in the caller's transaction.</summary>
internal sealed class HeldRows : IDisposable
{
    private readonly PageBinder _binder;
    private readonly ChangeFinder _finder;
    private readonly Statements _statements;
    private readonly SqliteStatement _learn;
    private readonly SqliteStatement _learnUnbased;
    private readonly SqliteStatement _rebase;
    private readonly EditedRowUpdate _rebaseLocal;
    private readonly EditedRowUpdate _refreshLocal;
    private readonly SqliteStatement _refreshBase;
    private readonly int _id;

    public HeldRows(SqliteDatabase database, DatasetPlan plan, PageBinder binder, bool isResync)
    {
        _statements = new Statements(database);
        var sql = new HeldRowsSql(plan, isResync, ColumnRegistry.ReadUnread(database, plan.Dataset.LocalTable));
        var names = new OutboxNames(plan.Dataset);
        _binder = binder;
        _id = plan.Binders.Length + 1;
        _finder = new ChangeFinder(database, plan, binder);
        _learn = _statements.Prepare(sql.Learn);
        _learnUnbased = _statements.Prepare(sql.LearnUnbased);
        _rebase = _statements.Prepare(sql.Rebase);
        _rebaseLocal = new EditedRowUpdate(database, names, sql.RebaseLocal);
        _refreshLocal = new EditedRowUpdate(database, names, sql.RefreshLocal);
        _refreshBase = _statements.Prepare(sql.RefreshBase);
    }

    /// <summary>Takes a row to its change.</summary>
    /// <returns>False when the key has no change: then the row is the table's.</returns>
    public bool TryHold(Page page, int row) => TryHold(page, row, out _);

    /// <summary>As above, with the change as it was found.</summary>
    public bool TryHold(Page page, int row, out HeldChange change)
    {
        if (!_finder.TryFind(page, row, out change))
        {
            return false;
        }

        if (!change.IsFollowed)
        {
            // First the table: it is compared with the base as it was.
            if (TryMerge(_refreshLocal, change.Id, page, row) && Run(_refreshBase, change.Id, page, row) > 0)
            {
                return true;
            }
        }

        if (change.IsQuarantined && TryMerge(_rebaseLocal, change.Id, page, row))
        {
            Run(_rebase, change.Id, page, row);
            Run(_learnUnbased, change.Id, page, row);
        }
        else
        {
            Run(_learn, change.Id, page, row);
        }

        return true;
    }

    public void Dispose()
    {
        _statements.Dispose();
        _rebaseLocal.Dispose();
        _refreshLocal.Dispose();
        _finder.Dispose();
    }

    /// <returns>False when the local table refuses: then the base stays too, or what the app did not edit would differ from it.</returns>
    private bool TryMerge(EditedRowUpdate update, long change, Page page, int row)
    {
        Bind(update.Statement, change, page, row);
        return update.TryRun();
    }

    private int Run(SqliteStatement statement, long change, Page page, int row)
    {
        Bind(statement, change, page, row);
        return statement.Run();
    }

    private void Bind(SqliteStatement statement, long change, Page page, int row)
    {
        _binder.BindRow(statement, page, row);
        statement.Bind(_id, change);
    }
}
