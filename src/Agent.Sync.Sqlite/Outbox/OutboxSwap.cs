using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>What the end of a resync means for rows with a local change, and for edits that were not recorded. Runs in the caller's transaction.</summary>
internal sealed class OutboxSwap(SqliteDatabase database, Dataset dataset, OutboxChanges changes)
{
    private readonly OutboxNames _names = new(dataset);

    private readonly IReadOnlySet<string> _unread = ColumnRegistry.ReadUnread(database, dataset.LocalTable);

    private string? IsFromServer => ServerTrace.Condition(dataset, column => !_unread.Contains(column));

    /// <summary>Writes the condition that a local row may be removed when the server did not bring it.</summary>
    public string IsRemovable(Reconciliation? reconciliation)
    {
        var hasNoChange = changes.Any ? $"NOT EXISTS (SELECT 1 FROM {_names.Table} o WHERE {_names.IsAbout("o.", _names.Local)})" : "1";
        return IsLookedFor(reconciliation) ? $"{hasNoChange} AND {IsFromServer ?? "0"}" : hasNoChange;
    }

    /// <summary>Tells the changes whose row the server did not bring that it is gone.</summary>
    /// <param name="seen">The table of keys that the generation brought; null when it brought none.</param>
    public void LearnRemoved(string? seen)
    {
        if (!changes.Any)
        {
            return;
        }

        var table = _names.Table;
        var isMissing = seen is null ? "1" : $"NOT EXISTS (SELECT 1 FROM {seen} s WHERE {_names.IsAbout($"{table}.", "s")})";
        var isFirst = $"(slot = {OutboxNames.InFlight} OR NOT EXISTS (SELECT 1 FROM {table} a WHERE a.slot = {OutboxNames.InFlight} AND {_names.HasKey("a.", key => $"{table}.{OutboxNames.Key(key)}")}))";
        database.Execute(
            $"""
            UPDATE {table} SET has_base = CASE WHEN code IS NULL THEN has_base ELSE 0 END, has_server = CASE WHEN code IS NULL THEN {OutboxNames.ServerGone} ELSE 0 END
            WHERE (has_server = {OutboxNames.ServerRow} OR (has_server = 0 AND has_base = 1)) AND {isFirst} AND {isMissing}
            """);
    }

    /// <summary>Records the rows that never were on the server as inserts, and ends the search for unrecorded edits.</summary>
    /// <returns>How many of the edits that were found are left to the user.</returns>
    public long EndSearch(string unseen, Reconciliation? reconciliation)
    {
        if (!IsLookedFor(reconciliation))
        {
            return 0;
        }

        // Without a trace of the server, a row that it does not have may be the app's own, or deleted there: it is kept, and not sent.
        var isFromServer = IsFromServer;
        var code = isFromServer is null ? $"'{Reconciliation.Unrecorded}'" : "NULL";
        database.Execute(
            $"""
            INSERT INTO {_names.Table} ({_names.KeyColumns}, has_base, code, kind)
            SELECT {string.Join(", ", _names.Keys.Select(key => $"{_names.Local}.{Names.Quote(key)}"))}, 0, {code}, {(int)ChangeKind.Insert}
            FROM {_names.Local} WHERE {unseen} AND NOT {isFromServer ?? "0"}
            AND {string.Join(" AND ", _names.Keys.Select(key => $"{_names.Local}.{Names.Quote(key)} IS NOT NULL"))}
            AND NOT EXISTS (SELECT 1 FROM {_names.Table} o WHERE {_names.IsAbout("o.", _names.Local)})
            """);
        OutboxRegistry.Write(database, dataset.LocalTable, RecordingGap.None);
        return new FoundEdits(database, dataset).Decide(reconciliation!, _unread);
    }

    private bool IsLookedFor(Reconciliation? reconciliation) => reconciliation is not null && changes.Exists;
}
