using System.Buffers;
using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>
/// The columns of a rebuilt table of which no row shows yet that they kept their values. A migration that makes a column anew leaves its default in every row, and
/// so would a person who emptied it: until a row is found that kept the server's value, nothing tells the two apart.
/// </summary>
internal sealed class DoubtfulColumns
{
    // SQLite bounds the depth of an expression, and a list of OR is as deep as it is long.
    private const int MostInOneList = 60;

    private const int Sample = 100;

    private static readonly SearchValues<char> ZeroText = SearchValues.Create("0.:-X'");

    private readonly OutboxNames _names;
    private readonly LocalTable? _table;
    private readonly Dictionary<string, KnownColumn> _columns;
    private readonly Dictionary<string, string> _zeros;

    public DoubtfulColumns(SqliteDatabase database, Dataset dataset)
    {
        _names = new OutboxNames(dataset);
        var doubtful = ColumnRegistry.ReadDoubtful(database, dataset.LocalTable);
        var table = doubtful.Count == 0 ? null : LocalTable.Read(database, dataset.LocalTable);
        Columns = [.. _names.Values.Where(name => doubtful.Contains(name) && table?.Find(name) is not null)];
        _table = table;
        _columns = Columns.Count == 0 ? [] : ColumnRegistry.Read(database, dataset.LocalTable);
        _zeros = Columns.Count == 0 ? [] : ReadZeros(database);
    }

    /// <summary>Gets the names, as the dataset spells them; the key's columns are not among them.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Doubts the columns of a table whose triggers were gone. A column that only the server writes is lost where no row has a value in it: the app cannot have emptied it.</summary>
    public static void Begin(SqliteDatabase database, Dataset dataset)
    {
        ColumnRegistry.Doubt(database, dataset.LocalTable);
        var unread = ColumnRegistry.ReadUnread(database, dataset.LocalTable);
        var table = LocalTable.Read(database, dataset.LocalTable)!;
        for (var ordinal = 0; ordinal < dataset.Columns.Count; ordinal++)
        {
            var name = dataset.Columns[ordinal].LocalName;
            if (!dataset.PushedOrdinals.Contains(ordinal) && !unread.Contains(name)
                && database.QueryInt64($"SELECT EXISTS (SELECT 1 FROM {Names.Quote(dataset.LocalTable)} WHERE {ServerTrace.IsServers(dataset, ordinal, Names.Quote(name))} AND {Names.Quote(name)} IS NOT {table.Find(name)!.ConstantDefault})") == 0)
            {
                ColumnRegistry.Set(database, dataset.LocalTable, name, ColumnState.Lost);
            }
        }
    }

    /// <summary>Writes the condition that a column of the local row holds what no migration left there.</summary>
    /// <param name="column">The column.</param>
    /// <param name="value">Its value, as an expression.</param>
    public string IsTelling(string column, string value) => string.Join(" AND ", Bare(column).Select(bare => $"{value} IS NOT {bare}"));

    /// <summary>Writes the condition that a column of the local row holds what a column that was made anew holds.</summary>
    /// <param name="column">The column.</param>
    /// <param name="value">Its value, as an expression.</param>
    public string IsBare(string column, string value) =>
        _table!.Find(column)!.HasComputedDefault ? "1" : $"({string.Join(" OR ", Bare(column).Select(bare => $"{value} IS {bare}"))})";

    /// <summary>Writes the condition that what a change would send of the local row is what a migration may have left there; null when no column is in doubt.</summary>
    /// <param name="change">The outbox in the statement, with its dot.</param>
    /// <param name="local">The local table in the statement.</param>
    /// <remarks>An insert overwrites nothing: only a value that was given, and is gone, keeps it back.</remarks>
    public string? IsInDoubt(string change, string local)
    {
        var conditions = Columns.Select(column =>
        {
            var value = $"{local}.{Names.Quote(column)}";
            return $"CASE {change}has_base WHEN 0 THEN {value} IS NULL AND {OutboxNames.HasEdited(change, _columns[column].Number)} ELSE {change}{OutboxNames.Base(column)} IS NOT {value} AND {IsBare(column, value)} END";
        });
        return Columns.Count == 0 ? null : $"({string.Join(" OR ", conditions.Chunk(MostInOneList).Select(static some => $"({string.Join(" OR ", some)})"))})";
    }

    /// <summary>NULL, the default, and a type's zero that most rows have: a later migration may have taken away the default that the column was made with.</summary>
    private IEnumerable<string> Bare(string column) =>
        new[] { "NULL", _table!.Find(column)!.ConstantDefault, _zeros.GetValueOrDefault(column, "NULL") }.Distinct(StringComparer.Ordinal);

    /// <summary>Whether a literal is what a migration tool fills a required column with: 0, '', the first day, no time, the empty uuid, an empty document.</summary>
    private static bool IsZero(string literal)
    {
        var text = literal.Trim('\'');
        return text is "" or "{}" or "[]" || text.StartsWith("0001-01-01", StringComparison.Ordinal)
            || !text.AsSpan().ContainsAnyExcept(ZeroText);
    }

    private Dictionary<string, string> ReadZeros(SqliteDatabase database)
    {
        var counts = Columns.ToDictionary(static column => column, static _ => new Dictionary<string, int>(StringComparer.Ordinal), StringComparer.OrdinalIgnoreCase);
        var rows = 0;
        using var statement = database.Prepare($"SELECT {string.Join(", ", Columns.Select(static column => $"quote({Names.Quote(column)})"))} FROM {_names.Local} LIMIT {Sample}");
        for (; statement.Step(); rows++)
        {
            for (var index = 0; index < Columns.Count; index++)
            {
                var value = statement.Text(index);
                counts[Columns[index]][value] = counts[Columns[index]].GetValueOrDefault(value) + 1;
            }
        }

        return counts.Select(pair => (pair.Key, Most: pair.Value.FirstOrDefault(count => count.Value > 1 && 2 * count.Value > rows).Key))
            .Where(static pair => pair.Most is not null && IsZero(pair.Most))
            .ToDictionary(static pair => pair.Key, static pair => pair.Most!, StringComparer.OrdinalIgnoreCase);
    }
}
