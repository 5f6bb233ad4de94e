using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Applying;

/// <summary>
/// Compares the base of a change that was recorded while a search for unrecorded edits is under way with the server's row: what differs was edited before, while nothing
/// recorded it. Such a change becomes a found edit, whole. Runs in the caller's transaction.
/// </summary>
internal sealed class UncomparedChanges : IDisposable
{
    private readonly DatasetPlan _plan;
    private readonly PageBinder _binder;
    private readonly Statements _statements;
    private readonly SqliteStatement _compare;
    private readonly SqliteStatement _trust;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement? _fill;
    private readonly Func<Page, int, bool> _wasKnown;
    private readonly bool _hasVersions;

    public UncomparedChanges(SqliteDatabase database, DatasetPlan plan, PageBinder binder, IReadOnlySet<string> unread, Func<Page, int, bool> wasKnown)
    {
        _statements = new Statements(database);
        var names = new OutboxNames(plan.Dataset);
        var parameters = plan.Dataset.Columns.Select(static (column, ordinal) => (column.LocalName, ordinal)).ToDictionary(static pair => pair.LocalName, static pair => $"?{pair.ordinal + 1}", StringComparer.OrdinalIgnoreCase);
        var id = $"?{parameters.Count + 1}";
        var version = plan.Dataset.Columns[plan.VersionOrdinal].LocalName;
        var compared = plan.Dataset.PushedOrdinals.Select(ordinal => plan.Dataset.Columns[ordinal].LocalName).Where(name => names.Values.Contains(name) && !unread.Contains(name));
        var content = string.Join(" AND ", compared.Select(name => $"o.{OutboxNames.Base(name)} IS {parameters[name]}").DefaultIfEmpty("1"));
        _plan = plan;
        _binder = binder;
        _wasKnown = wasKnown;
        _hasVersions = !unread.Contains(version);
        _compare = _statements.Prepare(
            $"""
            SELECT o.id, {content}, o.{OutboxNames.Base(version)} IS {parameters[version]}, t.{Names.Quote(names.Keys[0])} IS NOT NULL, ?{parameters.Count}
            FROM {names.Table} o LEFT JOIN {names.Local} t ON {names.IsAbout("o.", "t")}
            WHERE {names.HasKey("o.", key => parameters[key])} AND {OutboxNames.IsBaseUncompared("o.")}
                AND {names.HasNoneInFlight("o.")}
            """);
        _trust = _statements.Prepare($"UPDATE {names.Table} SET {OutboxNames.IsCompared} = 1 WHERE id = ?1");
        _find = _statements.Prepare(
            $"""
            UPDATE {names.Table} SET {OutboxNames.IsCompared} = 1, has_server = 0, code = '{ChangeCodes.Unrecorded}', constraint_name = NULL, rejected_at = NULL,
                found = ?{parameters.Count + 2}, kind = {(int)ChangeKind.Update}, {names.Assign(OutboxNames.Base, column => parameters[column])}
            WHERE id = {id}
            """);
        var filled = names.Values.Where(unread.Contains).ToList();
        _fill = filled.Count == 0 ? null : _statements.Prepare(names.MergeLocal(filled, column => parameters[column], $"o.id = {id}"));
    }

    /// <summary>Compares the change of a page's row.</summary>
    /// <returns>Whether it is a found edit now, with the server's row as its base: then there is nothing else to do with the row.</returns>
    public bool TryFind(Page page, int row, bool isRemoval)
    {
        _binder.BindRow(_compare, page, row);
        if (!_compare.Step())
        {
            _compare.Reset();
            return false;
        }

        var (change, isSame, isSameVersion, isHere) = (_compare.Int64(0), _compare.Int64(1) != 0, _compare.Int64(2) != 0, _compare.Int64(3) != 0);
        _compare.Reset();
        if (isSame || isRemoval || !isHere)
        {
            // A delete is sent whole, whatever was edited before it.
            _trust.Run(change);
            return false;
        }

        Fill(page, row, change);
        _binder.BindRow(_find, page, row);
        _find.Bind(_plan.Binders.Length + 1, change);
        _find.BindOrNull(_plan.Binders.Length + 2, (_hasVersions ? isSameVersion : _wasKnown(page, row)) ? OutboxNames.Found : null);
        _find.Run();
        return true;
    }

    public void Dispose() => _statements.Dispose();

    private void Fill(Page page, int row, long change)
    {
        if (_fill is null)
        {
            return;
        }

        _binder.BindRow(_fill, page, row);
        _fill.Bind(_plan.Binders.Length + 1, change);

        // Whether the table takes these values or not: the edit is what counts.
        RowRefusal.TryRun(_fill);
    }
}
