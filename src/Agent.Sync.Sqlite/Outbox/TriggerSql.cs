using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>
/// The triggers that record the app's edits. They only write down that a key was touched and what the server's row was before; what
/// the edit comes to is worked out when it is sent. So they need no functions, and merging is no work.
/// </summary>
/// <remarks>
/// Nothing in them can fail (no function, no constraint in the outbox): SQLite would keep a journal for each statement on the table, the
/// store's own among them, which doubles the cost of a pulled row.
/// The conflict policy of the app's statement replaces the one of a statement in a trigger (INSERT OR REPLACE would replace in the
/// outbox too), so each insert asks first. REPLACE deletes without telling: the rows it may delete are written down before.
/// </remarks>
internal sealed class TriggerSql(OutboxNames names, LocalTable table)
{
    private const string Guard = $"NOT EXISTS (SELECT 1 FROM {Bookkeeping.ApplyGuard.Table})";

    private IReadOnlyList<UniqueIndex> OtherIndexes { get; } = [.. table.UniqueIndexes.Where(index => !index.IsWholeAndBinary(names.Keys))];

    /// <summary>Returns each trigger's name and statement, as SQLite keeps it.</summary>
    public IReadOnlyDictionary<string, string> All()
    {
        var keys = Names.List(names.Keys);
        var watched = Names.List(names.Keys.Concat(names.Values));
        var unique = Names.List(names.Keys.Concat(OtherIndexes.SelectMany(static index => index.Columns).Select(static column => column.Name)).Distinct(StringComparer.OrdinalIgnoreCase));
        var keyChanged = string.Join(" OR ", names.Keys.Select(static key => $"OLD.{Names.Quote(key)} COLLATE BINARY IS NOT NEW.{Names.Quote(key)}"));
        string[] touched = [RecordBase("OLD"), Wake("OLD"), .. WakeReplaced()];
        string[] appeared = [RecordNone(), Wake("NEW"), .. WakeReplaced()];
        return new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            [Name("bi")] = Trigger("bi", "BEFORE INSERT", string.Empty, RecordReplaced(string.Empty)),
            [Name("ai")] = Trigger("ai", "AFTER INSERT", string.Empty, appeared),
            [Name("bu")] = Trigger("bu", $"BEFORE UPDATE OF {unique}", string.Empty, RecordReplaced(IsAnother())),
            [Name("au")] = Trigger("au", $"AFTER UPDATE OF {watched}", string.Empty, touched),
            [Name("ak")] = Trigger("ak", $"AFTER UPDATE OF {keys}", $" AND ({keyChanged})", appeared),
            [Name("ad")] = Trigger("ad", "AFTER DELETE", string.Empty, [RecordBase("OLD"), Wake("OLD")]),
        };
    }

    private string Name(string suffix) => $"{Names.Prefix}{suffix}_{names.LocalName}";

    private string Trigger(string suffix, string on, string condition, IEnumerable<string> statements) =>
        $"CREATE TRIGGER {Names.Quote(Name(suffix))} {on} ON {names.Local} WHEN {Guard}{condition} BEGIN {string.Join("; ", statements)}; END";

    private string NotRecorded(Func<string, string> value) =>
        $"NOT EXISTS (SELECT 1 FROM {names.Table} WHERE {names.HasKey(string.Empty, value)} AND slot = {OutboxNames.Open})";

    /// <summary>A row without a whole key cannot be told apart on the server; it is the app's own until it has one.</summary>
    private string HasWholeKey(string row) => string.Join(" AND ", names.Keys.Select(key => $"{row}.{Names.Quote(key)} IS NOT NULL"));

    private string RecordBase(string row) =>
        $"INSERT INTO {names.Table} ({names.KeyColumns}, has_base{names.ValueList(OutboxNames.Base)}) "
        + $"SELECT {string.Join(", ", names.Keys.Select(key => $"{row}.{Names.Quote(key)}"))}, 1{names.ValueList(column => $"{row}.{Names.Quote(column)}")} "
        + $"WHERE {HasWholeKey(row)} AND {NotRecorded(key => $"{row}.{Names.Quote(key)}")}";

    private string RecordNone() =>
        $"INSERT INTO {names.Table} ({names.KeyColumns}, has_base) "
        + $"SELECT {string.Join(", ", names.Keys.Select(static key => $"NEW.{Names.Quote(key)}"))}, 0 "
        + $"WHERE {HasWholeKey("NEW")} AND {NotRecorded(static key => $"NEW.{Names.Quote(key)}")}";

    /// <summary>An edit supersedes the quarantine.</summary>
    private string Wake(string row) =>
        $"UPDATE {names.Table} SET {OutboxNames.WaitAgain} WHERE {names.HasKey(string.Empty, key => $"{row}.{Names.Quote(key)}")} AND slot = {OutboxNames.Open} AND code IS NOT NULL";

    /// <summary>A row that was deleted by REPLACE, for another row's sake, may have lain in quarantine.</summary>
    private IEnumerable<string> WakeReplaced()
    {
        if (OtherIndexes.Count > 0)
        {
            yield return $"UPDATE {names.Table} SET {OutboxNames.WaitAgain} WHERE code IS NOT NULL AND slot = {OutboxNames.Open} AND kind <> {(int)ChangeKind.Delete} "
                + $"AND NOT EXISTS (SELECT 1 FROM {names.Local} t WHERE {names.HasKey(names.Table + ".", static key => $"t.{Names.Quote(key)}")})";
        }
    }

    private IEnumerable<string> RecordReplaced(string condition)
    {
        var byKey = string.Join(" AND ", names.Keys.Select(static key => $"t.{Names.Quote(key)} = NEW.{Names.Quote(key)} COLLATE BINARY"));
        yield return RecordFound($"{byKey}{condition}");
        foreach (var index in OtherIndexes)
        {
            var byIndex = string.Join(" AND ", index.Columns.Select(static column => $"t.{Names.Quote(column.Name)} = NEW.{Names.Quote(column.Name)} COLLATE {Names.Quote(column.Collation)}"));
            var partial = index.Condition is null ? string.Empty : $" AND ({index.Condition})";
            yield return RecordFound($"{byIndex}{partial}{condition}");
        }
    }

    private string IsAnother() =>
        $" AND ({string.Join(" OR ", names.Keys.Select(static key => $"t.{Names.Quote(key)} IS NOT OLD.{Names.Quote(key)} COLLATE BINARY"))})";

    private string RecordFound(string condition) =>
        $"INSERT INTO {names.Table} ({names.KeyColumns}, has_base{names.ValueList(OutboxNames.Base)}) "
        + $"SELECT {string.Join(", ", names.Keys.Select(static key => $"t.{Names.Quote(key)}"))}, 1{names.ValueList(static column => $"t.{Names.Quote(column)}")} "
        + $"FROM {names.Local} t WHERE {condition} AND {HasWholeKey("t")} AND {NotRecorded(static key => $"t.{Names.Quote(key)}")}";
}
