using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>Writes down what became of changes in flight. For aliases in its statements see <see cref="OutboxNames"/>. Runs in the caller's transaction.</summary>
internal sealed class ChangeSettler : IDisposable
{
    private readonly SettlementBatch _batch;
    private readonly PageBinder _binder;
    private readonly RowWriter _writer;
    private readonly BaseRows _known;
    private readonly Statements _statements;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _rebase;
    private readonly EditedRowUpdate? _fill;
    private readonly SqliteStatement _rebaseOnNone;
    private readonly SqliteStatement _rebaseOnNews;
    private readonly EditedRowUpdate _mergeBeneath;
    private readonly EditedRowUpdate _mergeNewsBeneath;
    private readonly EditedRowUpdate _mergeNews;
    private readonly SqliteStatement _waitAgain;
    private readonly SqliteStatement _quarantine;
    private readonly SqliteStatement _rebaseUnmerged;
    private readonly SqliteStatement _learnNews;
    private readonly SqliteStatement _quarantineAsIs;
    private readonly ParkedRows _parked;
    private readonly SqliteStatement _keepBeside;
    private readonly int _rebased;
    private readonly int? _remove;

    /// <param name="database">The database.</param>
    /// <param name="plan">The dataset's plan.</param>
    /// <param name="batch">What became of the changes.</param>
    /// <param name="isCareful">Whether rows that the table refuses are parked; without it one of them ends the transaction.</param>
    public ChangeSettler(SqliteDatabase database, DatasetPlan plan, SettlementBatch batch, bool isCareful)
    {
        _statements = new Statements(database);
        var names = new OutboxNames(plan.Dataset);
        var parameters = plan.Dataset.Columns.Select(static (column, ordinal) => (column.LocalName, ordinal))
            .ToDictionary(static pair => pair.LocalName, static pair => $"?{pair.ordinal + 1}", StringComparer.OrdinalIgnoreCase);
        var isNews = $"o.has_server = {OutboxNames.ServerRow}{BaseRows.IsNoRemoval(plan, static column => $"o.{OutboxNames.Server(column)}")}";
        _batch = batch;
        _rebased = parameters.Count + 1;
        _remove = plan.RemoveOrdinal;
        _binder = new PageBinder(plan);
        _parked = new ParkedRows(database, plan, _binder, generation: null);
        _writer = new RowWriter(database, plan, _binder, ReplaceMode.Always, seeSql: null, isCareful || ParkedTable.Any(database, plan.Dataset.LocalTable) ? _parked : null, isCareful);
        _known = new BaseRows(database, plan);
        _find = _statements.Prepare(
            $"""
            SELECT o.kind, o.has_server, f.id FROM {names.Table} o
            LEFT JOIN {names.Table} f ON {names.IsBehind("f.", "o.")}
            WHERE o.id = ?1 AND o.state = {OutboxNames.InFlight} AND o.operation = ?2
            """);
        _rebase = _statements.Prepare($"UPDATE {names.Table} SET has_base = 1, has_server = 0, {names.Assign(OutboxNames.Base, column => parameters[column])}, {OutboxNames.IsCompared} = 1 WHERE id = ?{_rebased}");
        var unread = ColumnRegistry.ReadUnread(database, names.LocalName);
        var unfilled = names.Values.Where(unread.Contains).ToList();
        _fill = unfilled.Count == 0 ? null : new EditedRowUpdate(database, names, names.MergeLocal(unfilled, column => parameters[column], $"o.id = ?{_rebased}"));
        _rebaseOnNone = _statements.Prepare($"UPDATE {names.Table} SET has_base = 0, has_server = 0 WHERE id = ?1");
        // One table after FROM: SQLite joins several into one row, which may have too many columns.
        _rebaseOnNews = _statements.Prepare(
            $"UPDATE {names.Table} SET has_base = (has_server = {OutboxNames.ServerRow}), has_server = 0, {names.Assign(OutboxNames.Base, OutboxNames.Server)} WHERE id = ?1");
        _mergeBeneath = new EditedRowUpdate(database, names, names.MergeLocal(column => parameters[column], $"o.id = ?{_rebased}"));
        _mergeNewsBeneath = new EditedRowUpdate(database, names, names.MergeLocal(News, $"o.id = ?1 AND {isNews}"));
        _mergeNews = new EditedRowUpdate(database, names, names.MergeLocal(News, $"o.id = ?1 AND o.has_base = 1 AND {isNews}"));
        _rebaseUnmerged = _statements.Prepare(
            $"""
            UPDATE {names.Table} SET has_base = 1, has_server = 0, {names.Assign(OutboxNames.Base, Unmerged)} WHERE id = ?{_rebased}
            """);
        _learnNews = _statements.Prepare(
            $"UPDATE {names.Table} SET has_server = o.has_server, {names.Assign(OutboxNames.Server, static column => $"o.{OutboxNames.Server(column)}")} FROM {names.Table} o WHERE {names.Table}.id = ?1 AND o.id = ?2");
        _waitAgain = _statements.Prepare($"UPDATE {names.Table} SET {OutboxNames.PutBack} WHERE id = ?1");
        _quarantine = _statements.Prepare(
            $"""
            UPDATE {names.Table} SET state = {OutboxNames.Open}, code = ?2, constraint_name = ?3, rejected_at = ?4,
                has_base = CASE WHEN has_base = 0 OR has_server = 0 THEN has_base ELSE has_server = {OutboxNames.ServerRow} END, has_server = CASE has_base WHEN 0 THEN has_server ELSE 0 END,
                {names.Assign(OutboxNames.Base, static column => $"CASE WHEN has_base = 1 AND has_server = {OutboxNames.ServerRow} THEN {OutboxNames.Server(column)} ELSE {OutboxNames.Base(column)} END")}
            WHERE id = ?1
            """);
        _keepBeside = _statements.Prepare(
            $"UPDATE {names.Table} SET has_server = {OutboxNames.ServerRow}, {names.Assign(OutboxNames.Server, column => parameters[column])} WHERE id = ?{_rebased} AND has_base = 0");

        _quarantineAsIs = _statements.Prepare($"UPDATE {names.Table} SET state = {OutboxNames.Open}, code = ?2, constraint_name = ?3, rejected_at = ?4 WHERE id = ?1");

        // A column that the app left alone is no edit, although the server's value differs: its base stays the local value.
        string Unmerged(string column) => string.Equals(column, plan.Dataset.Columns[plan.VersionOrdinal].LocalName, StringComparison.OrdinalIgnoreCase)
            ? parameters[column]
            : $"CASE WHEN {OutboxNames.Base(column)} IS (SELECT t.{Names.Quote(column)} FROM {names.Local} t WHERE {names.IsAbout($"{names.Table}.", "t")}) COLLATE BINARY THEN {OutboxNames.Base(column)} ELSE {parameters[column]} END";

        static string News(string column) => $"o.{OutboxNames.Server(column)}";
    }

    public void Settle(CancellationToken cancellationToken)
    {
        foreach (var settlement in _batch.Settlements)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A change that was settled before is not in flight any more, or is in flight as another operation.
            if (TryFind(settlement, out var change))
            {
                Settle(settlement, change);
            }
        }
    }

    public void Dispose()
    {
        _statements.Dispose();
        _fill?.Dispose();
        _mergeBeneath.Dispose();
        _mergeNewsBeneath.Dispose();
        _mergeNews.Dispose();
        _binder.Dispose();
        _writer.Dispose();
        _known.Dispose();
        _parked.Dispose();
    }

    private bool TryFind(in Settlement settlement, out FlyingChange change)
    {
        Span<byte> operation = stackalloc byte[16];
        settlement.Operation.TryWriteBytes(operation);
        _find.Bind(1, settlement.Change);
        _find.BindBlob(2, operation);
        var isFound = _find.Step();
        change = isFound
            ? new FlyingChange(settlement.Change, (ChangeKind)_find.Int64(0), _find.Int64(1) != 0, _find.IsNull(2) ? null : _find.Int64(2))
            : default;
        _find.Reset();
        return isFound;
    }

    private void Settle(in Settlement settlement, FlyingChange change)
    {
        switch (settlement.Kind)
        {
            case SettlementKind.Acknowledge when settlement.Server is null && change.Kind != ChangeKind.Delete:
                EndUnanswered(change);
                break;
            case SettlementKind.Acknowledge or SettlementKind.TakeServer:
                End(change, settlement.Server, settlement.ServerRow);
                break;
            case SettlementKind.KeepLocal:
                Fill(change, settlement.Server, settlement.ServerRow);
                Rebase(change.Id, settlement.Server, settlement.ServerRow);
                WaitAgain(change);
                break;
            case SettlementKind.TakeMerged:
                Merge(change, settlement.Merged);
                Rebase(change.Id, settlement.Server, settlement.ServerRow);
                WaitAgain(change);
                break;
            case SettlementKind.Reject when change.Behind is null:
                Quarantine(change.Id, settlement);
                break;
            case SettlementKind.Reject or SettlementKind.Return:
                WaitAgain(change);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(settlement), settlement.Kind, "Not a kind of settlement.");
        }
    }

    /// <summary>Ends a change: the local row is the server's, unless an edit waits behind, which then starts from it.</summary>
    private void End(FlyingChange change, Page? server, int row)
    {
        if (change.Behind is { } behind)
        {
            if (MergeBeneath(behind, server, row))
            {
                Rebase(behind, server, row);
            }
            else
            {
                RebaseUnmerged(behind, server!, row);
            }
        }
        else if (server is not null)
        {
            _writer.Write(server, row);
        }
        else
        {
            _known.Remove(change.Id);
        }

        _known.Forget(change.Id);
    }

    /// <summary>Ends a change whose answer had no row. The base of an edit behind it already is what was sent; a pull brings the server's row, or has brought it.</summary>
    private void EndUnanswered(FlyingChange change)
    {
        if (change.HasNews)
        {
            if (change.Behind is { } behind)
            {
                _learnNews.Bind(1, behind);
                _learnNews.Bind(2, change.Id);
                _learnNews.Run();
                _mergeNewsBeneath.Statement.Bind(1, behind);
                if (_mergeNewsBeneath.TryRun())
                {
                    _rebaseOnNews.Run(behind);
                }
            }
            else
            {
                _known.Place(change.Id);
            }
        }

        _known.Forget(change.Id);
    }

    private void Merge(FlyingChange change, Page? merged)
    {
        if (change.Behind is { } behind)
        {
            MergeBeneath(behind, merged, 0);
        }
        else if (merged is not null)
        {
            _writer.Write(merged, 0);
        }
        else
        {
            _known.Remove(change.Id);
        }
    }

    /// <summary>Gives the local row the given row's values, except where an edit that waits behind changed what was sent.</summary>
    /// <returns>False when the local table refuses the merged row.</returns>
    private bool MergeBeneath(long behind, Page? page, int row)
    {
        if (page is null || (_remove is { } remove && !page.GetCell(row, remove).IsNull))
        {
            return true;
        }

        _binder.BindRow(_mergeBeneath.Statement, page, row);
        _mergeBeneath.Statement.Bind(_rebased, behind);
        return _mergeBeneath.TryRun();
    }

    private void RebaseUnmerged(long change, Page server, int row)
    {
        _binder.BindRow(_rebaseUnmerged, server, row);
        _rebaseUnmerged.Bind(_rebased, change);
        _rebaseUnmerged.Run();
    }

    /// <summary>Gives columns that were not read yet the server's values, however the conflict ends: the app never wrote them.</summary>
    private void Fill(FlyingChange change, Page? server, int row)
    {
        if (_fill is not null && server is not null)
        {
            _binder.BindRow(_fill.Statement, server, row);
            _fill.Statement.Bind(_rebased, change.Behind ?? change.Id);
            _fill.Run();
        }
    }

    private void Rebase(long change, Page? server, int row)
    {
        if (server is null)
        {
            _rebaseOnNone.Run(change);
            return;
        }

        _binder.BindRow(_rebase, server, row);
        _rebase.Bind(_rebased, change);
        _rebase.Run();
    }

    /// <summary>Puts a change back in its place in the queue; an edit behind it becomes a part of it.</summary>
    private void WaitAgain(FlyingChange change)
    {
        _known.ForgetBehind(change.Id);
        _waitAgain.Run(change.Id);
    }

    private void Quarantine(long change, in Settlement settlement)
    {
        _mergeNews.Statement.Bind(1, change);
        var quarantine = _mergeNews.TryRun() ? _quarantine : _quarantineAsIs;
        quarantine.Bind(1, change);
        quarantine.Bind(2, settlement.Code ?? string.Empty);
        quarantine.BindOrNull(3, settlement.Constraint);
        quarantine.Bind(4, _batch.Now.UtcTicks);
        quarantine.Run();
        if (settlement.Server is { } server)
        {
            _binder.BindRow(_keepBeside, server, settlement.ServerRow);
            _keepBeside.Bind(_rebased, change);
            _keepBeside.Run();
        }
    }
}

/// <summary>A change in flight, as far as settling it asks.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Kind">What it does.</param>
/// <param name="HasNews">Whether a pull brought something newer of its row.</param>
/// <param name="Behind">The edit that waits behind it, or null.</param>
internal readonly record struct FlyingChange(long Id, ChangeKind Kind, bool HasNews, long? Behind);
