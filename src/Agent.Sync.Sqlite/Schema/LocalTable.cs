using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Schema;

/// <summary>A table as it is in the file.</summary>
internal sealed class LocalTable
{
    private readonly Dictionary<string, LocalColumn> _columns = new(StringComparer.OrdinalIgnoreCase);

    private readonly List<UniqueIndex> _uniqueIndexes = [];

    private LocalTable(string kind, bool hasRowid)
    {
        Kind = kind;
        HasRowid = hasRowid;
    }

    /// <summary>Gets what it is: table, view, virtual, shadow.</summary>
    public string Kind { get; }

    public IReadOnlyCollection<LocalColumn> Columns => _columns.Values;

    /// <summary>Gets the unique indexes over columns, the primary key's among them unless it is the rowid. Indexes over expressions are left out.</summary>
    public IReadOnlyList<UniqueIndex> UniqueIndexes => _uniqueIndexes;

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

    /// <summary>Whether a table that is there has any row.</summary>
    public static bool HasRows(SqliteDatabase database, string name) => database.QueryInt64($"SELECT EXISTS (SELECT 1 FROM {Names.Quote(name)})") == 1;

    public LocalColumn? Find(string column) => _columns.GetValueOrDefault(column);

    /// <summary>Whether exactly these columns are unique together, compared byte by byte.</summary>
    public bool IsUnique(IReadOnlyCollection<string> columns) =>
        (columns.Count == 1 && string.Equals(RowidAlias?.Name, columns.First(), StringComparison.OrdinalIgnoreCase))
        || _uniqueIndexes.Exists(index => index.IsWholeAndBinary(columns));

    private void ReadColumns(SqliteDatabase database, string name)
    {
        using var columns = database.Prepare(
            """SELECT name, type, "notnull" AND dflt_value IS NULL, pk, hidden, dflt_value FROM pragma_table_xinfo(?1)""");
        columns.Bind(1, name);
        while (columns.Step())
        {
            _columns[columns.Text(0)] = new LocalColumn(
                columns.Text(0), columns.Text(1), columns.Int64(2) != 0, (int)columns.Int64(3), columns.Int64(4) != 0,
                columns.IsNull(5) ? null : columns.Text(5));
        }
    }

    private void ReadUniqueIndexes(SqliteDatabase database, string name)
    {
        using var rows = database.Prepare(
            """
            SELECT i.seq, c.name, c.coll, i.partial, (SELECT s.sql FROM sqlite_schema s WHERE s.type = 'index' AND s.name = i.name)
            FROM pragma_index_list(?1) i, pragma_index_xinfo(i.name) c WHERE i."unique" AND c.key ORDER BY i.seq, c.seqno
            """);
        rows.Bind(1, name);
        long? index = null;
        var columns = new List<IndexColumn>();
        while (rows.Step())
        {
            if (rows.Int64(0) != index)
            {
                index = rows.Int64(0);
                columns = [];
                if (rows.Int64(3) == 0)
                {
                    _uniqueIndexes.Add(new UniqueIndex(columns, Condition: null));
                }
                else if (IndexCondition.Find(rows.Text(4)) is { } condition)
                {
                    _uniqueIndexes.Add(new UniqueIndex(columns, condition));
                }
            }

            if (rows.IsNull(1))
            {
                // An expression: the index is not one over columns.
                _uniqueIndexes.RemoveAll(over => ReferenceEquals(over.Columns, columns));
            }
            else
            {
                columns.Add(new IndexColumn(rows.Text(1), rows.Text(2)));
            }
        }
    }
}

/// <summary>A column as SQLite describes it.</summary>
/// <param name="Name">Its name, in the spelling of the table.</param>
/// <param name="DeclaredType">Its declared type; may be empty.</param>
/// <param name="IsRequired">NOT NULL without a default.</param>
/// <param name="KeyPosition">Its position in the primary key, from 1; 0 when it is not part of it.</param>
/// <param name="IsGenerated">Whether its value is computed.</param>
/// <param name="Default">Its default as it was written in the table's statement; null for none.</param>
internal sealed record LocalColumn(string Name, string DeclaredType, bool IsRequired, int KeyPosition, bool IsGenerated, string? Default)
{
    /// <summary>Gets a value indicating whether it gets a value where an insert gives none.</summary>
    public bool HasDefault => Default is not null;

    /// <summary>Gets the default where it is a constant, else NULL, as an expression.</summary>
    public string ConstantDefault => IsConstant ? Default! : "NULL";

    /// <summary>Gets a value indicating whether each row may get another value by default.</summary>
    public bool HasComputedDefault => HasDefault && !IsConstant && !IsWord("NULL");

    // Anything else may name a column or a function, and has another value for each row.
    private bool IsConstant => IsWord("TRUE") || IsWord("FALSE") || Default is ['\'' or '-' or '+' or (>= '0' and <= '9'), ..] or ['x' or 'X', '\'', ..];

    private bool IsWord(string word) => string.Equals(Default, word, StringComparison.OrdinalIgnoreCase);
}

/// <summary>A unique index over columns.</summary>
/// <param name="Columns">The columns with their collations.</param>
/// <param name="Condition">The condition of a partial index, as it was written; null for a whole one.</param>
internal sealed record UniqueIndex(IReadOnlyList<IndexColumn> Columns, string? Condition)
{
    /// <summary>Whether it makes exactly these columns unique together, compared byte by byte.</summary>
    // A key that differs in case only is another key: an index with another collation than BINARY would merge the two.
    public bool IsWholeAndBinary(IEnumerable<string> columns) =>
        Condition is null
        && Columns.All(static column => string.Equals(column.Collation, "BINARY", StringComparison.OrdinalIgnoreCase))
        && Columns.Select(static column => column.Name).ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(columns);
}

/// <summary>A column of an index, with the collation by which the index compares it.</summary>
internal sealed record IndexColumn(string Name, string Collation);
