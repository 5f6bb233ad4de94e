using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Applying;

/// <summary>Removes the rows that tombstones tell of; a row with a local change stays, and the change learns of it. Runs in the caller's transaction.</summary>
internal sealed class Tombstones : IDisposable
{
    private readonly DatasetPlan _plan;
    private readonly PageBinder _binder;
    private readonly Statements _statements;
    private readonly SqliteStatement _delete;
    private readonly ChangeFinder? _finder;
    private readonly SqliteStatement? _learn;
    private readonly SqliteStatement? _rebase;
    private readonly ParkedRows? _parked;

    /// <param name="database">The database.</param>
    /// <param name="plan">The plan of the tombstones' dataset: key columns, and the sequence as cursor.</param>
    /// <param name="binder">The binder.</param>
    /// <param name="hasChanges">Whether the local table has changes.</param>
    /// <param name="parked">Where a tombstone is parked whose row the table does not let go; null when nothing is parked.</param>
    public Tombstones(SqliteDatabase database, DatasetPlan plan, PageBinder binder, bool hasChanges, ParkedRows? parked)
    {
        _statements = new Statements(database);
        _plan = plan;
        _parked = parked;
        _binder = binder;
        var sequence = plan.Dataset.Columns[plan.VersionOrdinal].LocalName;
        var parameter = $"?{plan.KeyOrdinals.Length + 1}";
        _delete = _statements.Prepare($"{plan.DeleteKeySql()} AND {IsBelow(Names.Quote(sequence))}");
        if (!hasChanges)
        {
            return;
        }

        var names = new OutboxNames(plan.Dataset);
        var isBelow = $"CASE has_server WHEN {OutboxNames.ServerRow} THEN {IsBelow(OutboxNames.Server(sequence))} WHEN {OutboxNames.ServerGone} THEN 0 ELSE has_base = 1 AND {IsBelow(OutboxNames.Base(sequence))} END";
        _finder = new ChangeFinder(database, plan, binder);
        _learn = _statements.Prepare($"UPDATE {names.Table} SET has_server = {OutboxNames.ServerGone} WHERE id = ?1 AND {isBelow}");
        _rebase = _statements.Prepare($"UPDATE {names.Table} SET has_base = 0, has_server = 0 WHERE id = ?1 AND {isBelow}");

        string IsBelow(string known) => $"({known} IS NULL OR {known} < {parameter})";
    }

    public RowOutcome Apply(Page page, int row)
    {
        if (_parked is null)
        {
            return Remove(page, row);
        }

        try
        {
            var outcome = Remove(page, row);
            _parked.Forget(page, row);
            return outcome;
        }
        catch (SqliteFailure failure) when (RowRefusal.IsOfOneRow(failure))
        {
            _parked.Park(page, row, failure);
            return RowOutcome.Parked;
        }
    }

    public void Dispose()
    {
        _statements.Dispose();
        _finder?.Dispose();
    }

    private RowOutcome Remove(Page page, int row)
    {
        if (_finder is not null && _finder.TryFind(page, row, out var change))
        {
            var statement = change.IsQuarantined ? _rebase! : _learn!;
            statement.Bind(1, change.Id);
            _binder.Bind(statement, _plan.KeyOrdinals.Length + 1, page, row, _plan.VersionOrdinal);
            statement.Run();
            return RowOutcome.Unchanged;
        }

        _binder.BindKey(_delete, page, row);
        _binder.Bind(_delete, _plan.KeyOrdinals.Length + 1, page, row, _plan.VersionOrdinal);
        return _delete.Run() > 0 ? RowOutcome.Deleted : RowOutcome.Unchanged;
    }
}
