using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Rows;

namespace Agent.Sync.Sqlite.Applying;

/// <summary>Tries parked rows again. Runs in the caller's transaction.</summary>
/// <remarks>
/// What a commit of the server leaves is valid, but its rows come one by one: a value may be taken by a row whose own newer version is parked, or still to come.
/// First each row is tried alone, in both directions, which ends a chain of moves. What is left may wait for each other:
/// then their old rows are taken out together, and the new ones put in. A row that is refused even so gets its old
/// row back, unless another one's new version has its values: then it is missing until it can be stored.
/// </remarks>
internal sealed class ParkedRetry : IDisposable
{
    /// <summary>More are left to the next run, so that a table which refuses most rows does not make each commit slow.</summary>
    private const int MostPerApply = 20_000;

    private readonly SqliteDatabase _database;
    private readonly DatasetPlan _plan;
    private readonly DatasetPlan? _tombstonePlan;
    private readonly PageBinder _binder;
    private readonly PageBinder? _tombstoneBinder;
    private readonly RowWriter _writer;
    private readonly HeldRows? _held;
    private readonly Tombstones? _tombstones;
    private readonly AsideTable _aside;

    public ParkedRetry(SqliteDatabase database, DatasetPlan plan, SqliteUuidFormat uuidFormat)
    {
        _database = database;
        _plan = plan;
        _binder = new PageBinder(plan);
        _writer = new RowWriter(database, plan, _binder, ReplaceMode.Always, seeSql: null, parked: null, isCareful: true);
        _aside = new AsideTable(database, plan);
        var changes = OutboxChanges.Read(database, plan.Dataset);
        _held = changes.Any ? new HeldRows(database, plan, _binder, isResync: false) : null;

        // Tombstones come with the SQL kit alone, whose sequence then is the cursor.
        if (plan.Dataset is { VersionOrdinal: null } dataset && dataset.Columns[dataset.CursorOrdinal].Type == ColumnType.Integer)
        {
            _tombstonePlan = new DatasetPlan(dataset.Tombstones("public", dataset.RemoteTable), uuidFormat);
            _tombstoneBinder = new PageBinder(_tombstonePlan);
            _tombstones = new Tombstones(database, _tombstonePlan, _tombstoneBinder, changes.Any, parked: null);
        }
    }

    /// <summary>Tries the parked rows of a dataset.</summary>
    /// <param name="isAfterApply">Whether only what other rows may have freed is worth a try.</param>
    /// <returns>How many were stored.</returns>
    public long Run(bool isAfterApply)
    {
        if (!ParkedTable.Any(_database, _plan.Dataset.LocalTable, isAfterApply ? RowRefusal.Unique : null))
        {
            return 0;
        }

        _aside.Open();
        var before = ParkedTable.Count(_database, _plan.Dataset.LocalTable);
        var entries = Parse(ParkedTable.Read(_database, _plan.Dataset.LocalTable, isAfterApply ? MostPerApply : null));
        try
        {
            // Forwards, then backwards: one of the two ends a chain whatever its direction.
            var left = entries.Where(entry => !TryStore(entry)).ToList();
            left.Reverse();
            left = [.. left.Where(entry => !TryStore(entry))];
            left.Reverse();
            left.RemoveAll(static entry => entry.IsTombstone);
            if (left.Count > 1)
            {
                Exchange(left);
            }
        }
        finally
        {
            entries.ForEach(static entry => entry.Page.Dispose());
        }

        return before - ParkedTable.Count(_database, _plan.Dataset.LocalTable);
    }

    public void Dispose()
    {
        _writer.Dispose();
        _held?.Dispose();
        _tombstones?.Dispose();
        _aside.Dispose();
        _binder.Dispose();
        _tombstoneBinder?.Dispose();
    }

    private List<Entry> Parse(List<(long Id, int Kind, byte[] Content)> rows)
    {
        var entries = new List<Entry>(rows.Count);
        foreach (var (id, kind, content) in rows)
        {
            var plan = kind == ParkedTable.Tombstone ? _tombstonePlan : _plan;
            if (plan is not null && TryParse(plan.Dataset, content, out var page))
            {
                entries.Add(new Entry(id, page, kind == ParkedTable.Tombstone));
            }
        }

        return entries;
    }

    /// <summary>A row that was parked before the dataset got a column is of no use: the resync that follows brings it again.</summary>
    private static bool TryParse(Dataset dataset, byte[] content, out Page page)
    {
        page = null!;
        try
        {
            page = Page.Parse(dataset, [(byte)'[', .. content, (byte)']']);
            return true;
        }
        catch (Exception exception) when (exception is SyncProtocolException or SyncSchemaException)
        {
            return false;
        }
    }

    private bool TryStore(Entry entry)
    {
        Savepoint();
        try
        {
            if (entry.IsTombstone)
            {
                _tombstones!.Apply(entry.Page, 0);
                ParkedTable.Remove(_database, entry.Id);
            }
            else
            {
                // A local change of the row takes the server's row to itself.
                if (_held?.TryHold(entry.Page, 0) != true)
                {
                    _writer.Write(entry.Page, 0);
                }

                _aside.GiveBack(entry.Id, entry.Page, 0, _binder);
                ParkedTable.Remove(_database, entry.Id);
            }

            Release(isKept: true);
            return true;
        }
        catch (SqliteFailure failure) when (RowRefusal.IsOfOneRow(failure))
        {
            Release(isKept: false);
            return false;
        }
    }

    private void Exchange(List<Entry> entries)
    {
        _aside.Ensure();
        if (TryExchange(entries, restoresRefused: false, out var refused) || refused.Count == entries.Count)
        {
            return;
        }

        // Those that are refused whatever the others do keep their rows, if the others can be stored beside them.
        if (!TryExchange(entries.Except(refused), restoresRefused: false, out _))
        {
            TryExchange(entries, restoresRefused: true, out _);
        }
    }

    private bool TryExchange(IEnumerable<Entry> entries, bool restoresRefused, out List<Entry> refused)
    {
        Savepoint();
        var evicted = entries.ToList();
        refused = [];
        try
        {
            evicted.ForEach(entry => _aside.Evict(entry.Id, entry.Page, 0, _binder));
        }
        catch (SqliteFailure failure) when (RowRefusal.IsOfOneRow(failure))
        {
            // A trigger of the app refused to delete a row.
            refused = evicted;
            Release(isKept: false);
            return false;
        }

        refused = [.. evicted.Where(entry => !TryStore(entry))];
        if (restoresRefused)
        {
            refused.ForEach(entry => _aside.TryRestore(entry.Id));
        }

        Release(isKept: refused.Count == 0 || restoresRefused);
        return refused.Count == 0;
    }

    private void Savepoint() => _database.Execute("SAVEPOINT parked");

    private void Release(bool isKept)
    {
        if (!isKept)
        {
            _database.Execute("ROLLBACK TO parked");
        }

        _database.Execute("RELEASE parked");
    }

    private sealed record Entry(long Id, Page Page, bool IsTombstone);
}
