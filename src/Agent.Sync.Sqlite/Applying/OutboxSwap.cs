using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Applying;

/// <summary>What the end of a resync means for rows with a local change, and for edits that were not recorded. Runs in the caller's transaction.</summary>
internal sealed class OutboxSwap(SqliteDatabase database, Dataset dataset, OutboxChanges changes)
{
    private readonly OutboxNames _names = new(dataset);

    private readonly IReadOnlySet<string> _unread = ColumnRegistry.ReadUnread(database, dataset.LocalTable);

    private string LocalValue(string column) => $"{_names.Local}.{Names.Quote(column)}";

    private bool IsRead(string column) => !_unread.Contains(column);

    /// <summary>Writes the condition that a row which came from the server, and is missing on it now, is kept: the server may have it under another key.</summary>
    private string IsKept(Reconciliation reconciliation, Func<string, string> value) =>
        reconciliation.KeepsDeleted ? "1" : AbsentRows.MayBeMoved(database, dataset, IsRead, value);

    private string? IsFromServer => ServerTrace.Condition(dataset, column => !_unread.Contains(column));

    /// <summary>Writes the condition that a local row may be removed when the server did not bring it.</summary>
    public string IsRemovable(Reconciliation? reconciliation)
    {
        var hasNoChange = changes.Any ? $"NOT EXISTS (SELECT 1 FROM {_names.Table} o WHERE {_names.IsAbout("o.", _names.Local)})" : "1";
        return IsLookedFor(reconciliation) ? $"{hasNoChange} AND {IsFromServer ?? "0"} AND NOT {IsKept(reconciliation!, LocalValue)}" : hasNoChange;
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
        var isFirst = $"(state = {OutboxNames.InFlight} OR {_names.HasNoneInFlight($"{table}.")})";
        database.Execute(
            $"""
            UPDATE {table} SET has_base = CASE WHEN code IS NULL THEN has_base ELSE 0 END, has_server = CASE WHEN code IS NULL THEN {OutboxNames.ServerGone} ELSE 0 END
            WHERE (has_server = {OutboxNames.ServerRow} OR (has_server = 0 AND has_base = 1)) AND {isFirst} AND {isMissing}
            """);
    }

    /// <summary>Records the rows that never were on the server as inserts, and ends the search for unrecorded edits.</summary>
    /// <param name="unseen">The condition that the generation did not bring a local row.</param>
    /// <param name="seen">The table of keys that the generation brought; null when it brought none.</param>
    /// <param name="reconciliation">The search; null when there was none.</param>
    /// <returns>How many of the edits that were found are left to the user.</returns>
    public long EndSearch(string unseen, string? seen, Reconciliation? reconciliation)
    {
        if (!IsLookedFor(reconciliation))
        {
            return 0;
        }

        // Where no column tells the server's rows, a row that the server does not have may be the app's own or one that the server deleted: it is kept, and not sent.
        var isFromServer = IsFromServer;
        var isKept = IsKept(reconciliation!, LocalValue);
        var code = isFromServer is null ? $"'{ChangeCodes.Unrecorded}'" : $"CASE WHEN {isFromServer} THEN '{ChangeCodes.Unrecorded}' END";
        database.Execute(
            $"""
            INSERT INTO {_names.Table} ({_names.KeyColumns}, has_base, code, kind)
            SELECT {string.Join(", ", _names.Keys.Select(key => $"{_names.Local}.{Names.Quote(key)}"))}, 0, {code}, {(int)ChangeKind.Insert}
            FROM {_names.Local} WHERE {unseen} AND (NOT {isFromServer ?? "0"} OR {isKept})
            AND {string.Join(" AND ", _names.Keys.Select(key => $"{_names.Local}.{Names.Quote(key)} IS NOT NULL"))}
            AND NOT EXISTS (SELECT 1 FROM {_names.Table} o WHERE {_names.IsAbout("o.", _names.Local)})
            """);
        RebaseUnseen(seen, isFromServer is null);
        HoldMovedDeletes();
        if (RereadTable.IsCovered(database, dataset.LocalTable))
        {
            // What was lost since the resync began is about rows that it had passed.
            OutboxRegistry.Write(database, dataset.LocalTable, RecordingGap.None);
        }

        return new FoundEdits(database, dataset).Decide(reconciliation!);
    }

    /// <summary>
    /// Turns changes that were recorded during the search, of rows that the server does not have, into inserts: their base is the app's own row, or a row that the
    /// server may have under another key.
    /// </summary>
    private void RebaseUnseen(string? seen, bool isTraceless)
    {
        var table = _names.Table;
        string BaseValue(string column) => $"{table}.{OutboxNames.Base(column)}";
        var isUnseen = seen is null ? "1" : $"NOT EXISTS (SELECT 1 FROM {seen} s WHERE {_names.IsAbout($"{table}.", "s")})";
        var isFromServer = ServerTrace.Condition(dataset, IsRead, BaseValue) ?? "0";
        var isKept = isTraceless ? "1" : isFromServer;
        database.Execute(
            $"""
            UPDATE {table} SET has_base = 0, has_server = 0, {OutboxNames.IsCompared} = 1, found = NULL,
                kind = CASE WHEN {isKept} THEN {(int)ChangeKind.Insert} ELSE kind END, code = CASE WHEN {isKept} THEN '{ChangeCodes.Unrecorded}' ELSE code END
            WHERE {OutboxNames.IsBaseUncompared(string.Empty)} AND {isUnseen} AND (NOT {isFromServer} OR {AbsentRows.MayBeMoved(database, dataset, IsRead, BaseValue)})
                AND EXISTS (SELECT 1 FROM {_names.Local} t WHERE {_names.IsAbout($"{table}.", "t")})
            """);
    }

    /// <summary>Holds the delete of a row that may be in the table under a new key, for the user to decide: both halves of the move wait for the same decision.</summary>
    private void HoldMovedDeletes()
    {
        // i = the insert that may be the other half of the move
        const string IsMoved = $"i.code = '{ChangeCodes.Unrecorded}' AND i.has_base = 0";
        if (database.QueryInt64($"SELECT EXISTS (SELECT 1 FROM {_names.Table} i WHERE {IsMoved})") == 0)
        {
            return;
        }

        var isSame = string.Join(" AND ", ServerTrace.Own(dataset).Select(ordinal => dataset.Columns[ordinal].LocalName).Where(IsRead)
            .Select(column => $"t.{Names.Quote(column)} IS {_names.Table}.{OutboxNames.Base(column)}").DefaultIfEmpty("1"));
        database.Execute(
            $"""
            UPDATE {_names.Table} SET found = NULL WHERE found = {OutboxNames.Found} AND kind = {(int)ChangeKind.Delete} AND EXISTS (
                SELECT 1 FROM {_names.Table} i JOIN {_names.Local} t ON {_names.IsAbout("i.", "t")}
                WHERE {IsMoved} AND {isSame})
            """);
    }

    private bool IsLookedFor(Reconciliation? reconciliation) => reconciliation is not null && changes.Exists;
}
