using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Schema;

/// <summary>A table as it is in the file.</summary>
internal sealed class LocalTable
{
    private readonly Dictionary<string, LocalColumn> _columns = new(StringComparer.OrdinalIgnoreCase);

    private readonly List<HashSet<string>> _uniqueSets = [];

    private LocalTable(string kind, bool hasRowid)
    {
        Kind = kind;
        HasRowid = hasRowid;
    }

    /// <summary>Gets what it is: table, view, virtual, shadow.</summary>
    public string Kind { get; }

    public IReadOnlyCollection<LocalColumn> Columns => _columns.Values;

    /// <summary>Gets the column that is the rowid under another name, or null: SQLite fills it.</summary>
    public LocalColumn? RowidAlias =>
        HasRowid && _columns.Values.Where(static column => column.KeyPosition > 0).ToList() is [var only]
        && string.Equals(only.DeclaredType, "INTEGER", StringComparison.OrdinalIgnoreCase)
            ? only
            : null;

    private bool HasRowid { get; }

    public static LocalTable? Read(SqliteDatabase database, string name)
    {
        using var kind = database.Prepare("SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE");
        kind.Bind(1, name);
        if (!kind.Step())
        {
            return null;
        }

        var table = new LocalTable(kind.Text(0), hasRowid: kind.Int64(1) == 0);
        table.ReadColumns(database, name);
        table.ReadUniqueIndexes(database, name);
        return table;
    }

    public LocalColumn? Find(string column) => _columns.GetValueOrDefault(column);

    /// <summary>Whether exactly these columns are unique together, compared byte by byte.</summary>
    public bool IsUnique(IReadOnlyCollection<string> columns) =>
        (columns.Count == 1 && string.Equals(RowidAlias?.Name, columns.First(), StringComparison.OrdinalIgnoreCase))
        || _uniqueSets.Exists(set => set.SetEquals(columns));

    private void ReadColumns(SqliteDatabase database, string name)
    {
        using var columns = database.Prepare(
            """SELECT name, type, "notnull" AND dflt_value IS NULL, pk, hidden FROM pragma_table_xinfo(?1)""");
        columns.Bind(1, name);
        while (columns.Step())
        {
            _columns[columns.Text(0)] = new LocalColumn(
                columns.Text(0), columns.Text(1), columns.Int64(2) != 0, (int)columns.Int64(3), columns.Int64(4) != 0);
        }
    }

    private void ReadUniqueIndexes(SqliteDatabase database, string name)
    {
        // A key that differs in case only is another key: an index with another collation than BINARY would merge the two.
        using var rows = database.Prepare(
            """
            SELECT i.seq, c.name, c.coll FROM pragma_index_list(?1) i, pragma_index_xinfo(i.name) c
            WHERE i."unique" AND NOT i.partial AND c.key ORDER BY i.seq, c.seqno
            """);
        rows.Bind(1, name);
        var sets = new Dictionary<long, HashSet<string>?>();
        while (rows.Step())
        {
            var index = rows.Int64(0);
            if (rows.IsNull(1) || !string.Equals(rows.Text(2), "BINARY", StringComparison.OrdinalIgnoreCase))
            {
                sets[index] = null;
            }
            else if (!sets.TryGetValue(index, out var set))
            {
                sets[index] = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { rows.Text(1) };
            }
            else
            {
                set?.Add(rows.Text(1));
            }
        }

        _uniqueSets.AddRange(sets.Values.OfType<HashSet<string>>());
    }
}
