using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>
/// Keeps what was edited without triggers out of the recorded changes of the same rows: a column that differs from the base and that no trigger marked is
/// an edit that nothing recorded, and is decided about with the others at the end of the resync. Runs in the caller's transaction.
/// </summary>
internal sealed class UnmarkedEdits
{
    private const string Change = "o.";

    private readonly SqliteDatabase _database;
    private readonly OutboxNames _names;
    private readonly Dictionary<string, int> _sent;
    private readonly List<KnownColumn> _unread;
    private readonly string _differs;

    public UnmarkedEdits(SqliteDatabase database, Dataset dataset, OutboxNames names, ColumnChanges columns)
    {
        _database = database;
        _names = names;
        var sent = dataset.PushedOrdinals.Select(ordinal => dataset.Columns[ordinal].LocalName).Where(names.Values.Contains).Select(name => columns.Columns[name]).ToList();
        _sent = sent.ToDictionary(static column => column.Name, static column => column.Number, StringComparer.OrdinalIgnoreCase);
        _unread = [.. sent.Where(static column => column.State is ColumnState.New or ColumnState.Lost)];
        _differs = string.Join(" OR ", ByMark().Select(group => $"({string.Join(" OR ", group.Select(IsUnmarked))})"));
    }

    /// <summary>Holds the edits until the resync is complete.</summary>
    public void Hold()
    {
        if (_sent.Count == 0)
        {
            return;
        }

        _unread.ForEach(Rebase);
        HoldOpen();
        HoldBehind();
        HoldVanished();
    }

    private IEnumerable<IGrouping<int, string>> ByMark() =>
        _sent.Keys.GroupBy(column => _sent[column] / OutboxNames.MarksPerColumn).OrderBy(static group => group.Key);

    private string IsUnmarked(string column) =>
        $"({Change}{OutboxNames.Base(column)} IS NOT t.{Names.Quote(column)} AND NOT {OutboxNames.HasEdited(Change, _sent[column])})";

    private string Marks(IEnumerable<string> columns) =>
        string.Join(" | ", columns.Select(column => $"({IsUnmarked(column)} << {_sent[column] % OutboxNames.MarksPerColumn})"));

    /// <summary>Makes what an unread column holds the base: it is not an edit.</summary>
    private void Rebase(KnownColumn column) => _database.Execute(
        $"""
        UPDATE {_names.Table} AS o SET {OutboxNames.Base(column.Name)} = t.{Names.Quote(column.Name)} FROM {_names.Local} t
        WHERE o.has_base = 1 AND o.code IS NOT '{ChangeCodes.ColumnGone}' AND NOT {OutboxNames.HasEdited(Change, column.Number)} AND {_names.IsAbout(Change, "t")}
        """);

    /// <summary>Holds the changes that are not in flight, whole: one row can only be sent as it is. An insert is not held: it overwrites nothing of the server's.</summary>
    private void HoldOpen() => _database.Execute(
        $"""
        UPDATE {_names.Table} AS o SET {OutboxNames.WaitAgain}, code = '{ChangeCodes.Unrecorded}', found = {OutboxNames.Found}, kind = {(int)ChangeKind.Update}{string.Concat(ByMark().Select(
            group => $", {OutboxNames.Edited(group.Key)} = {Change}{OutboxNames.Edited(group.Key)} | {Marks(group)}"))}
        FROM {_names.Local} t
        WHERE o.state = {OutboxNames.Open} AND o.has_base = 1 AND coalesce(o.code NOT IN ('{ChangeCodes.Unrecorded}', '{ChangeCodes.ColumnGone}'), 1)
            AND {_names.IsAbout(Change, "t")} AND ({_differs})
        """);

    /// <summary>Holds the edits of rows whose change is in flight, behind it: what was sent stays what it was.</summary>
    private void HoldBehind() => _database.Execute(
        $"""
        INSERT INTO {_names.Table} ({_names.KeyColumns}, has_base, {OutboxNames.IsCompared}, code, found, kind{string.Concat(ByMark().Select(static group => $", {OutboxNames.Edited(group.Key)}"))}{_names.ValueList(OutboxNames.Base)})
        SELECT {string.Join(", ", _names.Keys.Select(static key => $"o.{OutboxNames.Key(key)}"))}, 1, 1, '{ChangeCodes.Unrecorded}', {OutboxNames.Found}, {(int)ChangeKind.Update}{string.Concat(ByMark().Select(
            group => $", {Marks(group)}"))}{_names.ValueList(AsSent)}
        FROM {_names.Table} o JOIN {_names.Local} t ON {_names.IsAbout(Change, "t")}
        WHERE o.state = {OutboxNames.InFlight} AND o.kind <> {(int)ChangeKind.Delete} AND ({_differs})
            AND NOT EXISTS (SELECT 1 FROM {_names.Table} f WHERE {_names.IsBehind("f.", "o.")})
        """);

    /// <summary>Holds the edits of rows that are gone: the app may have deleted them, or given them another key, which is known when the whole table is compared.</summary>
    /// <remarks>A delete that was recorded has no marks, and is sent as it is.</remarks>
    private void HoldVanished()
    {
        var isMarked = string.Join(" OR ", OutboxSchema.ReadMarks(_database, _names).Select(static mark => $"{Change}{mark} <> 0").DefaultIfEmpty("0"));
        _database.Execute(
            $"""
            UPDATE {_names.Table} AS o SET code = '{ChangeCodes.Unrecorded}', found = {OutboxNames.Found}, kind = {(int)ChangeKind.Delete}
            WHERE o.state = {OutboxNames.Open} AND o.has_base = 1 AND o.code IS NULL AND ({isMarked}) AND {_names.HasNoneInFlight(Change)}
                AND NOT EXISTS (SELECT 1 FROM {_names.Local} t WHERE {_names.IsAbout(Change, "t")})
            """);
    }

    private string AsSent(string column) => _sent.ContainsKey(column)
        ? $"CASE WHEN {IsUnmarked(column)} THEN o.{OutboxNames.Base(column)} ELSE t.{Names.Quote(column)} END"
        : $"t.{Names.Quote(column)}";
}
