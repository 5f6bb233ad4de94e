using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Rows;

namespace Agent.Sync.Sqlite.Applying;

/// <summary>Finds the change of a page's row by its key.</summary>
internal sealed class ChangeFinder : IDisposable
{
    private readonly PageBinder _binder;
    private readonly SqliteStatement _find;

    public ChangeFinder(SqliteDatabase database, DatasetPlan plan, PageBinder binder)
    {
        var names = new OutboxNames(plan.Dataset);
        var parameters = names.Keys.Select(static (key, index) => (key, index)).ToDictionary(static pair => pair.key, static pair => $"?{pair.index + 1}");
        _binder = binder;
        _find = database.Prepare(
            $"SELECT id, code IS NOT NULL AND found IS NULL, coalesce(found = {OutboxNames.Found} AND kind = {(int)ChangeKind.Delete}, 0) FROM {names.Table} WHERE {names.HasKey(string.Empty, key => parameters[key])} ORDER BY state DESC");
    }

    public bool TryFind(Page page, int row, out HeldChange change)
    {
        _binder.BindKey(_find, page, row);
        var isFound = _find.Step();
        change = isFound ? new HeldChange(_find.Int64(0), _find.Int64(1) != 0, _find.Int64(2) != 0, IsFollowed: false) : default;
        if (isFound && _find.Step())
        {
            change = change with { IsFollowed = true };
        }

        _find.Reset();
        return isFound;
    }

    public void Dispose() => _find.Dispose();
}

/// <summary>The change of a key that knows the server's row: the one in flight, else the one that waits or lies in quarantine.</summary>
/// <param name="Id">Its number.</param>
/// <param name="IsQuarantined">Whether it lies in quarantine, for good: an edit that a resync has found is sent when that is complete.</param>
/// <param name="IsFoundDelete">Whether the row vanished while nothing recorded it: it may be in the table under another key.</param>
/// <param name="IsFollowed">Whether another edit waits behind it.</param>
internal readonly record struct HeldChange(long Id, bool IsQuarantined, bool IsFoundDelete, bool IsFollowed);
