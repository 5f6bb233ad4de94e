using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Applying;

/// <summary>Compares pages with the local rows, to find edits that were not recorded. Runs in the caller's transaction.</summary>
internal sealed class Reconciler : IDisposable
{
    private const int FirstDoubtful = 4;

    private readonly DatasetPlan _plan;
    private readonly RowWriter _writer;
    private readonly PageBinder _binder;
    private readonly HeldRows _held;
    private readonly UncomparedChanges _uncompared;
    private readonly AbsentRows? _absent;
    private readonly ParkedRows? _parked;
    private readonly SqliteDatabase _database;
    private readonly List<(string Column, int Result)> _doubtful;
    private readonly Statements _statements;
    private readonly SqliteStatement _compare;
    private readonly SqliteStatement _record;
    private readonly EditedRowUpdate? _fill;
    private readonly RowWriter _replacer;
    private readonly Func<Page, int, bool> _wasKnown;
    private readonly bool _hasVersions;

    public Reconciler(SqliteDatabase database, DatasetPlan plan, PageBinder binder, RowWriter writer, Reconciliation reconciliation, ParkedRows? parked, bool isCareful)
    {
        _statements = new Statements(database);
        _database = database;
        _plan = plan;
        _writer = writer;
        _binder = binder;
        // An edit that is found on the way holds its key too: a later page may repeat the row.
        _held = new HeldRows(database, plan, binder, isResync: true);
        _replacer = new RowWriter(database, plan, binder, ReplaceMode.Always, seeSql: null, parked, isCareful);
        var unread = ColumnRegistry.ReadUnread(database, plan.Dataset.LocalTable);
        _hasVersions = !unread.Contains(plan.Dataset.Columns[plan.VersionOrdinal].LocalName);
        var doubtful = new DoubtfulColumns(database, plan.Dataset);
        _doubtful = [.. doubtful.Columns.Select(static (column, index) => (column, FirstDoubtful + index))];
        _compare = _statements.Prepare(CompareSql(plan, unread, doubtful));
        _record = _statements.Prepare(RecordSql(plan, OutboxSchema.ReadMarks(database, new OutboxNames(plan.Dataset))));
        _fill = FillSql(plan, unread) is { } fill ? new EditedRowUpdate(database, new OutboxNames(plan.Dataset), fill) : null;
        var isRowLess = OutboxRegistry.Read(database, plan.Dataset.LocalTable) == RecordingGap.RowsGone;
        _wasKnown = isRowLess ? static (_, _) => false : reconciliation.WasKnown;
        _parked = parked;
        _absent = isRowLess ? null : new AbsentRows(database, plan, binder);
        _uncompared = new UncomparedChanges(database, plan, binder, unread, _wasKnown);
    }

    public RowOutcome Apply(Page page, int row)
    {
        var isRemoval = _writer.IsRemoval(page, row);

        // A change that was recorded after the resync had read its row starts from the server's row.
        var isFirst = isRemoval || _writer.See(page, row);
        if (isFirst && _uncompared.TryFind(page, row, isRemoval))
        {
            return RowOutcome.Unchanged;
        }

        if (!_held.TryHold(page, row, out var change))
        {
            return Compare(page, row, isRemoval);
        }

        if (!isRemoval && change.IsFoundDelete)
        {
            _absent?.Add(page, row, isNew: !_wasKnown(page, row));
        }

        return RowOutcome.Unchanged;
    }

    public void Dispose()
    {
        _statements.Dispose();
        _fill?.Dispose();
        _held.Dispose();
        _uncompared.Dispose();
        _absent?.Dispose();
        _replacer.Dispose();
    }

    private static string CompareSql(DatasetPlan plan, IReadOnlySet<string> unread, DoubtfulColumns doubtful)
    {
        var columns = plan.Dataset.Columns.Select(static (column, ordinal) => (Name: Names.Quote(column.LocalName), Parameter: $"?{ordinal + 1} COLLATE BINARY")).ToList();
        var (version, cursor) = (columns[plan.VersionOrdinal], columns[plan.Dataset.CursorOrdinal]);

        // At the same version a later cursor is the server's own write. An earlier one may be older than what the app wrote locally.
        var isSameVersion = plan.HasVersionColumn
            ? $"{version.Name} IS {version.Parameter} AND coalesce(NOT {DatasetPlan.IsLater($"?{plan.Dataset.CursorOrdinal + 1}", cursor.Name)}, 1)"
            : $"{version.Name} IS {version.Parameter}";
        var compared = plan.Dataset.PushedOrdinals.Where(ordinal => !unread.Contains(plan.Dataset.Columns[ordinal].LocalName)).ToList();
        var content = compared.Where(ordinal => ordinal != plan.RemoveOrdinal).Select(ordinal => $"{columns[ordinal].Name} IS {columns[ordinal].Parameter}");
        var deletion = plan.RemoveOrdinal is { } remove && compared.Contains(remove) ? $"{columns[remove].Name} IS {columns[remove].Parameter}" : "1";
        var key = plan.KeyOrdinals.Select(ordinal => $"{columns[ordinal].Name} = {columns[ordinal].Parameter}");
        var kept = doubtful.Columns.Select(name => columns[plan.Dataset.Columns.ToList().FindIndex(column => column.LocalName == name)] is var column
            ? $", {column.Name} IS {column.Parameter} AND {doubtful.IsTelling(name, column.Name)}"
            : null);
        // The last parameter is always named, so that every column can be bound.
        return $"""
            SELECT {isSameVersion}, {string.Join(" AND ", content)}, {deletion}, ?{columns.Count}{string.Concat(kept)}
            FROM {Names.Quote(plan.Dataset.LocalTable)} WHERE {string.Join(" AND ", key)}
            """;
    }

    private static string RecordSql(DatasetPlan plan, IReadOnlyList<string> marks)
    {
        var names = new OutboxNames(plan.Dataset);
        var parameters = plan.Dataset.Columns.Select(static (column, ordinal) => (column.LocalName, ordinal)).ToDictionary(static pair => pair.LocalName, static pair => $"?{pair.ordinal + 1}", StringComparer.OrdinalIgnoreCase);
        var (found, kind) = ($"?{parameters.Count + 1}", $"?{parameters.Count + 2}");
        return $"""
            INSERT INTO {names.Table} ({names.KeyColumns}, has_base, {OutboxNames.IsCompared}, code, found, kind{string.Concat(marks.Select(static mark => $", {mark}"))}{names.ValueList(OutboxNames.Base)})
            VALUES ({string.Join(", ", names.Keys.Select(key => parameters[key]))}, 1, 1, '{ChangeCodes.Unrecorded}', {found}, {kind}{string.Concat(marks.Select(static _ => ", -1"))}{names.ValueList(column => parameters[column])})
            """;
    }

    /// <summary>Writes the statement that gives a row the server's values of the columns that were not read yet, whatever else of it was edited.</summary>
    private static string? FillSql(DatasetPlan plan, IReadOnlySet<string> unread)
    {
        var columns = plan.Dataset.Columns.Select(static (column, ordinal) => (Name: Names.Quote(column.LocalName), Parameter: $"?{ordinal + 1}")).ToList();
        var sets = Enumerable.Range(0, columns.Count)
            .Where(ordinal => unread.Contains(plan.Dataset.Columns[ordinal].LocalName) && !plan.KeyOrdinals.Contains(ordinal))
            .Select(ordinal => $"{columns[ordinal].Name} = {columns[ordinal].Parameter}").ToList();
        var key = plan.KeyOrdinals.Select(ordinal => $"{columns[ordinal].Name} = {columns[ordinal].Parameter} COLLATE BINARY");
        return sets.Count == 0 ? null : $"UPDATE {Names.Quote(plan.Dataset.LocalTable)} SET {string.Join(", ", sets)} WHERE {string.Join(" AND ", key)} AND ?{columns.Count} IS ?{columns.Count}";
    }

    private RowOutcome Compare(Page page, int row, bool isRemoval)
    {
        _binder.BindRow(_compare, page, row);
        var isHere = _compare.Step();

        // Without local versions, a row is at the same version if the server has not changed it since it was certainly in the table.
        var isSameVersion = isHere && (_hasVersions ? _compare.Int64(0) != 0 : _wasKnown(page, row));
        var isSame = isHere && _compare.Int64(1) != 0 && (isRemoval || _compare.Int64(2) != 0);
        if (isHere && _doubtful.Count > 0 && _wasKnown(page, row))
        {
            // A newer row proves nothing: the store itself may have written it after the rebuild.
            Trust();
        }

        _compare.Reset();
        if (isSame)
        {
            return _replacer.Write(page, row);
        }

        if (isHere)
        {
            Record(page, row, isCertain: isSameVersion, ChangeKind.Update);
            Fill(page, row);
            return RowOutcome.Unchanged;
        }

        if (isRemoval)
        {
            return RowOutcome.Unchanged;
        }

        if (_parked?.Has(page, row) == true)
        {
            // The table refused it: its absence is not a delete by the app.
            return _replacer.Write(page, row);
        }

        if (_wasKnown(page, row))
        {
            _absent?.Add(page, row, isNew: false);
            Record(page, row, isCertain: true, ChangeKind.Delete);
            return RowOutcome.Unchanged;
        }

        _absent?.Add(page, row, isNew: true);
        return _replacer.Write(page, row);
    }

    /// <summary>Ends the doubt about the columns in which the row kept the server's value.</summary>
    private void Trust()
    {
        for (var index = _doubtful.Count - 1; index >= 0; index--)
        {
            var (column, result) = _doubtful[index];
            if (_compare.Int64(result) != 0)
            {
                ColumnRegistry.Set(_database, _plan.Dataset.LocalTable, column, ColumnState.Read);
                _doubtful.RemoveAt(index);
            }
        }
    }

    /// <summary>Records an edit. It is sent after the resync at the earliest: the number of edits found tells whether a person made them.</summary>
    private void Record(Page page, int row, bool isCertain, ChangeKind kind)
    {
        _binder.BindRow(_record, page, row);
        var index = _plan.Binders.Length + 1;
        _record.BindOrNull(index, isCertain ? OutboxNames.Found : null);
        _record.Bind(index + 1, (long)kind);
        _record.Run();
    }

    private void Fill(Page page, int row)
    {
        if (_fill is null)
        {
            return;
        }

        _binder.BindRow(_fill.Statement, page, row);

        // Whether the table takes these values or not: the edit is what counts.
        _fill.TryRun();
    }
}
