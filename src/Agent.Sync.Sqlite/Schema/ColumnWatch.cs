using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Schema;

/// <summary>
/// Compares a table's columns with those that the last preparation left. The app's migrations add, drop, rename and rebuild without telling the store. A value
/// counts as an edit only if its column was in the table, and known, all the time. Runs in the caller's transaction.
/// </summary>
internal sealed class ColumnWatch(SqliteDatabase database, Dataset dataset)
{
    private readonly Dictionary<string, int> _ordinals = Enumerable.Range(0, dataset.Columns.Count)
        .ToDictionary(ordinal => dataset.Columns[ordinal].LocalName, StringComparer.OrdinalIgnoreCase);

    private readonly List<KnownColumn> _gone = [];
    private readonly List<string> _fresh = [];
    private bool _hasNewlyUnread;

    /// <param name="before">The table as it was found; null when it is new.</param>
    /// <param name="recorded">The columns that the outbox of a file of an earlier version records; null where there is no outbox.</param>
    public ColumnChanges Look(LocalTable? before, IReadOnlyCollection<string>? recorded)
    {
        var registry = ColumnRegistry.Read(database, dataset.LocalTable);
        if (registry.Count == 0)
        {
            Adopt(registry, recorded);
        }

        var isFirst = registry.Count == 0;
        var columns = new Dictionary<string, KnownColumn>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, column) in registry)
        {
            Leave(name, column, before, columns);
        }

        var next = registry.Values.Select(static column => column.Number).DefaultIfEmpty(-1).Max() + 1;
        for (var ordinal = 0; ordinal < dataset.Columns.Count; ordinal++)
        {
            var (name, remote) = (dataset.Columns[ordinal].LocalName, dataset.Columns[ordinal].Name);
            var isSent = dataset.PushedOrdinals.Contains(ordinal);
            var known = registry.GetValueOrDefault(name);
            columns.Remove(name);
            columns[name] = new KnownColumn(
                name, remote, known?.Number ?? next++, isSent, before is null || (isFirst && before.Find(name) is not null) ? ColumnState.Read : StateOf(dataset.Columns[ordinal], known, isSent, before));
        }

        foreach (var name in registry.Keys.Where(name => !columns.ContainsKey(name)))
        {
            ColumnRegistry.Forget(database, dataset.LocalTable, name);
        }

        var changed = columns.Values.Where(column => registry.GetValueOrDefault(column.Name) != column).ToList();
        if (changed.Count > 0)
        {
            ColumnRegistry.Write(database, dataset.LocalTable, changed);
        }

        // A table that is gone takes its rows along: they have to come again.
        return new ColumnChanges(columns, _gone, _fresh, _hasNewlyUnread || (before is null && !isFirst));
    }

    /// <summary>A file of an earlier version does not say which columns were known: its outbox does.</summary>
    private void Adopt(Dictionary<string, KnownColumn> registry, IReadOnlyCollection<string>? recorded)
    {
        foreach (var name in recorded ?? [])
        {
            var column = _ordinals.TryGetValue(name, out var ordinal) ? dataset.Columns[ordinal] : null;
            registry[name] = new KnownColumn(
                column?.LocalName ?? name, column?.Name ?? name, registry.Count, IsSent: column is null || dataset.PushedOrdinals.Contains(ordinal), ColumnState.Read);
        }
    }

    private void Leave(string name, KnownColumn column, LocalTable? before, Dictionary<string, KnownColumn> columns)
    {
        var isHere = before?.Find(name) is not null;
        var isSent = _ordinals.TryGetValue(name, out var ordinal) && dataset.PushedOrdinals.Contains(ordinal) && IsSame(column, ordinal);
        if (column.IsSent && before is not null && !(isHere && isSent))
        {
            _gone.Add(column);
        }

        if (isHere)
        {
            columns[name] = column with { IsSent = false };
        }
    }

    /// <summary>Whether a local column still stands for the same remote one: an edit that was typed for another one is not sent to it. A key is not edited.</summary>
    private bool IsSame(KnownColumn column, int ordinal) =>
        dataset.KeyOrdinals.Contains(ordinal) || string.Equals(column.Remote, dataset.Columns[ordinal].Name, StringComparison.OrdinalIgnoreCase);

    private ColumnState StateOf(DatasetColumn column, KnownColumn? known, bool isSent, LocalTable before)
    {
        var isMissing = before.Find(column.LocalName) is null;
        if (isMissing || known is null || (isSent && !known.IsSent))
        {
            _fresh.Add(column.LocalName);
            _hasNewlyUnread = true;
            return isMissing && known is not null ? ColumnState.Lost : ColumnState.New;
        }

        if (string.Equals(known.Remote, column.Name, StringComparison.Ordinal))
        {
            return known.State;
        }

        // Another remote column, if only by letter case, which PostgreSQL tells apart.
        _hasNewlyUnread = true;
        return ColumnState.New;
    }
}

/// <summary>What became of a table's columns since the last preparation.</summary>
/// <param name="Columns">Every column that is or was the dataset's and is in the table.</param>
/// <param name="Gone">Columns whose edits were sent, and that the table or the dataset does not have any more.</param>
/// <param name="Fresh">Columns that no earlier run knew, or that were missing: what they hold is not an edit.</param>
/// <param name="HasNewlyUnread">Whether there are columns whose values have to be read, and that was not known before.</param>
internal sealed record ColumnChanges(
    IReadOnlyDictionary<string, KnownColumn> Columns, IReadOnlyList<KnownColumn> Gone, IReadOnlyList<string> Fresh, bool HasNewlyUnread);
