using Agent.Sync.Local;
using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Parking;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>Compares pages with the local rows, to find edits that were not recorded. Runs in the caller's transaction.</summary>
internal sealed class Reconciler : IDisposable
{
    private readonly DatasetPlan _plan;
    private readonly RowWriter _writer;
    private readonly PageBinder _binder;
    private readonly HeldRows _held;
    private readonly SqliteStatement _compare;
    private readonly SqliteStatement _record;
    private readonly RowWriter _replacer;
    private readonly Func<Page, int, bool> _wasKnown;

    public Reconciler(SqliteDatabase database, DatasetPlan plan, PageBinder binder, RowWriter writer, Reconciliation reconciliation, ParkedRows? parked, bool isCareful)
    {
        _plan = plan;
        _writer = writer;
        _binder = binder;
        // A change that is found on the way holds its key too, where a page repeats it.
        _held = new HeldRows(database, plan, binder, isResync: true);
        _replacer = new RowWriter(database, plan, binder, ReplaceMode.Always, seeSql: null, parked, isCareful);
        _compare = database.Prepare(CompareSql(plan));
        _record = database.Prepare(RecordSql(plan));
        var isRowLess = OutboxRegistry.Read(database, plan.Dataset.LocalTable) == UnrecordedEdits.RowsGone;
        _wasKnown = isRowLess ? static (_, _) => false : reconciliation.WasKnown;
    }

    public RowOutcome Apply(Page page, int row)
    {
        var isRemoval = _writer.IsRemoval(page, row);
        if (!isRemoval)
        {
            _writer.See(page, row);
        }

        return _held.TryHold(page, row) ? RowOutcome.Unchanged : Compare(page, row, isRemoval);
    }

    public void Dispose()
    {
        _held.Dispose();
        _compare.Dispose();
        _record.Dispose();
        _replacer.Dispose();
    }

    private static string CompareSql(DatasetPlan plan)
    {
        var columns = plan.Dataset.Columns.Select(static (column, ordinal) => (Name: Names.Quote(column.Name), Parameter: $"?{ordinal + 1} COLLATE BINARY")).ToList();
        var version = columns[plan.VersionOrdinal];
        var content = plan.Dataset.PushedOrdinals.Where(ordinal => ordinal != plan.RemoveOrdinal).Select(ordinal => $"{columns[ordinal].Name} IS {columns[ordinal].Parameter}");
        var deletion = plan.RemoveOrdinal is { } remove ? $"{columns[remove].Name} IS {columns[remove].Parameter}" : "1";
        var key = plan.KeyOrdinals.Select(ordinal => $"{columns[ordinal].Name} = {columns[ordinal].Parameter}");
        // The last parameter is named whatever happens, so that every column can be bound.
        return $"""
            SELECT {version.Name} IS {version.Parameter}, {string.Join(" AND ", content)}, {deletion}, ?{columns.Count}
            FROM {Names.Quote(plan.Dataset.LocalTable)} WHERE {string.Join(" AND ", key)}
            """;
    }

    private static string RecordSql(DatasetPlan plan)
    {
        var names = new OutboxNames(plan.Dataset);
        var parameters = plan.Dataset.Columns.Select(static (column, ordinal) => (column.Name, ordinal)).ToDictionary(static pair => pair.Name, static pair => $"?{pair.ordinal + 1}", StringComparer.OrdinalIgnoreCase);
        var (code, kind) = ($"?{parameters.Count + 1}", $"?{parameters.Count + 2}");
        return $"""
            INSERT INTO {names.Table} ({names.KeyColumns}, has_base, code, kind{names.ValueList(OutboxNames.Base)})
            VALUES ({string.Join(", ", names.Keys.Select(key => parameters[key]))}, 1, {code}, {kind}{names.ValueList(column => parameters[column])})
            """;
    }

    private RowOutcome Compare(Page page, int row, bool isRemoval)
    {
        _binder.BindRow(_compare, page, row);
        var isHere = _compare.Step();
        var isSameVersion = isHere && _compare.Int64(0) != 0;
        var isSame = isHere && _compare.Int64(1) != 0 && (isRemoval || _compare.Int64(2) != 0);
        _compare.Reset();
        if (isSame)
        {
            return _replacer.Write(page, row);
        }

        if (isHere)
        {
            Record(page, row, isSameVersion ? null : Reconciliation.Unrecorded, ChangeKind.Update);
            return RowOutcome.Unchanged;
        }

        if (isRemoval)
        {
            return RowOutcome.Unchanged;
        }

        if (_wasKnown(page, row))
        {
            Record(page, row, code: null, ChangeKind.Delete);
            return RowOutcome.Unchanged;
        }

        return _replacer.Write(page, row);
    }

    private void Record(Page page, int row, string? code, ChangeKind kind)
    {
        _binder.BindRow(_record, page, row);
        var index = _plan.Binders.Length + 1;
        if (code is null)
        {
            _record.BindNull(index);
            _record.BindNull(index + 1);
        }
        else
        {
            _record.Bind(index, code);
            _record.Bind(index + 1, (long)kind);
        }

        _record.Run();
    }
}
