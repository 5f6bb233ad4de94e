using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>
/// The triggers that record the app's edits. They only write down that a key was touched and what the server's row was before; what
/// the edit comes to is worked out when it is sent. So they need no functions, and merging is no work.
/// </summary>
/// <remarks>
/// The app's own triggers may write to the same row, and SQLite fires those that were made last first. So what a row was is
/// written down before the app's statement touches it: nothing that happens inside the statement can come earlier.
/// Nothing in them can fail (no function, no constraint in the outbox): SQLite would keep a journal for each statement on the table, the
/// store's own among them, which doubles the cost of a pulled row.
/// The conflict policy of the app's statement replaces the one of a statement in a trigger (INSERT OR REPLACE would replace in the
/// outbox too), so each insert asks first. REPLACE deletes without telling: the rows it may delete are written down before.
/// The names are those of the first version, so that a file of that version is not taken for one that lost its triggers.
/// </remarks>
/// <param name="names">The dataset's names.</param>
/// <param name="table">The local table.</param>
/// <param name="version">The column that tells a row's versions apart.</param>
/// <param name="numbers">The numbers of the columns, under which an edit marks what it touched.</param>
internal sealed class TriggerSql(OutboxNames names, LocalTable table, string version, IReadOnlyDictionary<string, int> numbers)
{
    /// <summary>How many triggers a table has.</summary>
    public const int Count = 6;

    private const string Guard = $"NOT EXISTS (SELECT 1 FROM {Bookkeeping.ApplyGuard.Table})";

    private IReadOnlyList<UniqueIndex> OtherIndexes { get; } = [.. table.UniqueIndexes.Where(index => !index.IsWholeAndBinary(names.Keys))];

    /// <summary>Returns each trigger's name and statement, as SQLite keeps it.</summary>
    public IReadOnlyDictionary<string, string> All()
    {
        var watched = Names.List(names.Keys.Concat(names.Values));
        var unique = Names.List(names.Keys.Concat(OtherIndexes.SelectMany(static index => index.Columns).Select(static column => column.Name)).Distinct(StringComparer.OrdinalIgnoreCase));
        var changed = Mark("OLD", static column => $"OLD.{Names.Quote(column)} COLLATE BINARY IS NOT NEW.{Names.Quote(column)}");
        return new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            [Name("bi")] = Trigger("bi", "BEFORE INSERT", [.. RecordReplaced(string.Empty), RecordNew($"{IsAbsent}{IsGiven}"), .. RecordNext()]),
            [Name("ai")] = Trigger("ai", "AFTER INSERT", [.. CorrectBase(), RecordNew("1"), WakeEdited("NEW"), .. MarkGiven(), .. WakeReplaced()]),
            [Name("bu")] = Trigger("bu", $"BEFORE UPDATE OF {unique}", [.. RecordReplaced(IsAnother()), RecordNew($"({KeyChanged}) AND {IsAbsent}")]),
            [Name("au")] = Trigger("au", $"BEFORE UPDATE OF {watched}", [RecordBase("OLD"), WakeEdited("OLD"), .. changed]),
            [Name("ak")] = Trigger("ak", $"AFTER UPDATE OF {unique}", [WakeEdited("NEW", $" AND ({KeyChanged})"), .. MarkGiven($" AND ({KeyChanged})"), .. WakeReplaced()]),
            [Name("ad")] = Trigger("ad", "BEFORE DELETE", [RecordBase("OLD"), Wake("OLD"), .. Unmark()]),
        };
    }

    /// <summary>Returns the table that a trigger was made for, by its name.</summary>
    public static string TableOf(string trigger) => trigger.Length > Names.Prefix.Length + 3 ? trigger[(Names.Prefix.Length + 3)..] : string.Empty;

    private string KeyChanged => string.Join(" OR ", names.Keys.Select(static key => $"OLD.{Names.Quote(key)} COLLATE BINARY IS NOT NEW.{Names.Quote(key)}"));

    private string IsAbsent => $"NOT EXISTS (SELECT 1 FROM {names.Local} t WHERE {IsRowOf("NEW")})";

    /// <summary>Gets the condition that the app's statement says the key; a rowid that SQLite chooses is -1 until the row is there.</summary>
    private string IsGiven => RowidKey is { } key ? $" AND NEW.{Names.Quote(key)} IS NOT -1" : string.Empty;

    private string? RowidKey => names.Keys is [var only] && table.RowidAlias is { } alias && string.Equals(alias.Name, only, StringComparison.OrdinalIgnoreCase) ? only : null;

    /// <summary>Gets a value indicating whether a row may get a key that no trigger before the insert knows.</summary>
    private bool MayMakeKeys => RowidKey is not null || names.Keys.Any(key => table.Find(key) is { HasDefault: true });

    private string Name(string suffix) => $"{Names.Prefix}{suffix}_{names.LocalName}";

    private string Trigger(string suffix, string on, IEnumerable<string> statements) =>
        $"CREATE TRIGGER {Names.Quote(Name(suffix))} {on} ON {names.Local} WHEN {Guard} BEGIN {string.Join("; ", statements)}; END";

    private string NotRecorded(Func<string, string> value) =>
        $"NOT EXISTS (SELECT 1 FROM {names.Table} WHERE {names.HasKey(string.Empty, value)} AND state = {OutboxNames.Open})";

    /// <summary>A row without a whole key cannot be told apart on the server; it is the app's own until it has one.</summary>
    private string HasWholeKey(string row) => string.Join(" AND ", names.Keys.Select(key => $"{row}.{Names.Quote(key)} IS NOT NULL"));

    private string RecordBase(string row) =>
        $"INSERT INTO {names.Table} ({names.KeyColumns}, has_base{names.ValueList(OutboxNames.Base)}) "
        + $"SELECT {string.Join(", ", names.Keys.Select(key => $"{row}.{Names.Quote(key)}"))}, 1{names.ValueList(column => $"{row}.{Names.Quote(column)}")} "
        + $"WHERE {HasWholeKey(row)} AND {NotRecorded(key => $"{row}.{Names.Quote(key)}")}";

    /// <summary>Records a row that the server does not have.</summary>
    private string RecordNew(string condition) =>
        $"INSERT INTO {names.Table} ({names.KeyColumns}, has_base) "
        + $"SELECT {string.Join(", ", names.Keys.Select(static key => $"NEW.{Names.Quote(key)}"))}, 0 "
        + $"WHERE {condition} AND {HasWholeKey("NEW")} AND {NotRecorded(static key => $"NEW.{Names.Quote(key)}")}";

    /// <summary>Records the row that gets the next rowid. If the row gets another one, the record has no effect.</summary>
    private IEnumerable<string> RecordNext()
    {
        if (RowidKey is { } key)
        {
            yield return $"INSERT INTO {names.Table} ({names.KeyColumns}, has_base) SELECT n.k, 0 FROM (SELECT 1 + max(coalesce((SELECT max({Names.Quote(key)}) FROM {names.Local}), 0), "
                + $"coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = '{names.LocalName}' COLLATE NOCASE), 0)) AS k) n "
                + $"WHERE NEW.{Names.Quote(key)} IS -1 AND {NotRecorded(static _ => "n.k")}";
        }
    }

    /// <summary>
    /// A key that is made during the insert may be recorded by a trigger of the app's that wrote to the new row first. Such a record starts
    /// from the row just inserted, which has no version of the server's.
    /// </summary>
    private IEnumerable<string> CorrectBase()
    {
        if (MayMakeKeys)
        {
            var isTheNewRow = string.Concat(names.Values.Select(static column => $" AND {OutboxNames.Base(column)} IS NEW.{Names.Quote(column)}"));
            yield return $"UPDATE {names.Table} SET has_base = 0 WHERE {names.HasKey(string.Empty, static key => $"NEW.{Names.Quote(key)}")} AND state = {OutboxNames.Open} "
                + $"AND has_base = 1 AND has_server = 0 AND {OutboxNames.Base(version)} IS NULL{isTheNewRow}";
        }
    }

    private IEnumerable<IGrouping<int, string>> ByMark() =>
        names.Values.Where(numbers.ContainsKey).GroupBy(column => numbers[column] / OutboxNames.MarksPerColumn).OrderBy(static group => group.Key);

    /// <summary>Marks the columns that the edit touched: of a column that is gone when it is to be sent, nothing else could tell.</summary>
    private IEnumerable<string> Mark(string row, Func<string, string> isTouched, string condition = "")
    {
        var marks = ByMark()
            .Select(group => $"{OutboxNames.Edited(group.Key)} = {OutboxNames.Edited(group.Key)} | {string.Join(" | ", group.Select(column => $"(({isTouched(column)}) << {numbers[column] % OutboxNames.MarksPerColumn})"))}")
            .ToList();
        if (marks.Count > 0)
        {
            yield return $"UPDATE {names.Table} SET {string.Join(", ", marks)} WHERE {names.HasKey(string.Empty, key => $"{row}.{Names.Quote(key)}")} AND state = {OutboxNames.Open}{condition}";
        }
    }

    /// <summary>Marks what a new row has, and what it left empty of the row that was there.</summary>
    private IEnumerable<string> MarkGiven(string condition = "") =>
        Mark("NEW", static column => $"NEW.{Names.Quote(column)} IS NOT NULL OR {OutboxNames.Base(column)} IS NOT NULL", condition);

    /// <summary>Takes the marks of a row that is deleted: a delete is sent whole, and marks without a row show that it vanished while nothing recorded it.</summary>
    private IEnumerable<string> Unmark()
    {
        var marks = ByMark().Select(static group => $"{OutboxNames.Edited(group.Key)} = 0").ToList();
        if (marks.Count > 0)
        {
            yield return $"UPDATE {names.Table} SET {string.Join(", ", marks)} WHERE {names.HasKey(string.Empty, static key => $"OLD.{Names.Quote(key)}")} AND state = {OutboxNames.Open}";
        }
    }

    /// <summary>
    /// An edit supersedes the quarantine of what the server refused. It does not decide about what nobody is known to have typed, since the rest of such a row would go along, nor
    /// about a value whose column is gone, since the row would go up without it.
    /// </summary>
    private string WakeEdited(string row, string condition = "") => Wake(row, $" AND code NOT IN ('{ChangeCodes.Unrecorded}', '{ChangeCodes.ColumnGone}'){condition}");

    private string Wake(string row, string condition = "") =>
        $"UPDATE {names.Table} SET {OutboxNames.WaitAgain} WHERE {names.HasKey(string.Empty, key => $"{row}.{Names.Quote(key)}")} AND state = {OutboxNames.Open} AND code IS NOT NULL{condition}";

    private string IsRowOf(string row) => string.Join(" AND ", names.Keys.Select(key => $"t.{Names.Quote(key)} = {row}.{Names.Quote(key)} COLLATE BINARY"));

    /// <summary>A row that was deleted by REPLACE, for another row's sake, may have lain in quarantine.</summary>
    private IEnumerable<string> WakeReplaced()
    {
        if (OtherIndexes.Count > 0)
        {
            yield return $"UPDATE {names.Table} SET {OutboxNames.WaitAgain} WHERE code IS NOT NULL AND state = {OutboxNames.Open} AND kind <> {(int)ChangeKind.Delete} "
                + $"AND NOT EXISTS (SELECT 1 FROM {names.Local} t WHERE {names.HasKey(names.Table + ".", static key => $"t.{Names.Quote(key)}")})";
        }
    }

    private IEnumerable<string> RecordReplaced(string condition)
    {
        yield return RecordFound($"{IsRowOf("NEW")}{condition}");
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
