using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.Testing;

/// <summary>One remote table of a <see cref="PostgrestDouble"/>: real rows, stamped as a server's triggers would.</summary>
/// <remarks>Made by <see cref="PostgrestDouble.AddTable"/>. Safe for concurrent use.</remarks>
public sealed partial class PostgrestTable
{
    private readonly PostgrestDouble _server;
    private readonly Dataset _dataset;
    private readonly List<DatasetColumn> _columns;
    private string[] _key;
    private readonly string _cursor;
    private readonly string? _version;
    private readonly string? _deleted;
    private readonly Dictionary<string, TableRow> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TableRow[]> _sorted = new(StringComparer.Ordinal);

    internal PostgrestTable(PostgrestDouble server, Dataset dataset)
    {
        _server = server;
        _dataset = dataset;
        Schema = dataset.Schema;
        Name = dataset.RemoteTable;
        _columns = [.. dataset.Columns];
        _key = [.. dataset.KeyOrdinals.Select(ordinal => dataset.Columns[ordinal].Name)];
        _cursor = dataset.Columns[dataset.CursorOrdinal].Name;
        _version = dataset.VersionOrdinal is { } version ? dataset.Columns[version].Name : null;
        _deleted = dataset.DeletedOrdinal is { } deleted ? dataset.Columns[deleted].Name : null;
    }

    /// <summary>Gets the PostgreSQL schema.</summary>
    public string Schema { get; }

    /// <summary>Gets the table's name.</summary>
    public string Name { get; }

    /// <summary>Gets or sets the column that must equal the token's <c>sub</c> for a row to be visible. Null, the default, shows every row to everybody.</summary>
    public string? OwnerColumn { get; set; }

    /// <summary>Gets or sets a value indicating whether a policy hides soft-deleted rows. The default is false.</summary>
    public bool HidesDeleted { get; set; }

    /// <summary>Gets or sets a value indicating whether signed-in users may select from the table. The default is true; false answers 42501.</summary>
    public bool IsReadable { get; set; } = true;

    /// <summary>Gets or sets a value indicating whether requests without a token may select from the table. The default is false.</summary>
    public bool IsReadableByAnyone { get; set; }

    /// <summary>Gets or sets how text is ordered. The default is <see cref="TextCollation.Bytes"/>.</summary>
    public TextCollation Collation { get; set; }

    /// <summary>Gets the number of committed rows, whoever may see them.</summary>
    public int Count
    {
        get
        {
            lock (_server.Gate)
            {
                return _rows.Count;
            }
        }
    }

    internal IReadOnlyList<DatasetColumn> Columns => _columns;

    /// <summary>Adds a column that the dataset does not name, such as the owner's. Rows that are there get null.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="type">The column's type.</param>
    /// <returns>This table.</returns>
    public PostgrestTable AddColumn(string name, ColumnType type)
    {
        lock (_server.Gate)
        {
            _columns.Add(new DatasetColumn(name, type));
            foreach (var (key, row) in _rows)
            {
                _rows[key] = new TableRow([.. row.Json, "null"u8.ToArray()], [.. row.Values, null]);
            }

            _sorted.Clear();
        }

        return this;
    }

    /// <summary>Drops a column, so that asking for it is answered with 42703.</summary>
    /// <param name="name">The column's name; not one of the key.</param>
    public void DropColumn(string name)
    {
        lock (_server.Gate)
        {
            var ordinal = OrdinalOf(name);
            _columns.RemoveAt(ordinal);
            foreach (var (key, row) in _rows)
            {
                _rows[key] = new TableRow(
                    [.. row.Json.Where((_, index) => index != ordinal)], [.. row.Values.Where((_, index) => index != ordinal)]);
            }

            _sorted.Clear();
        }
    }

    /// <summary>Inserts a row in a transaction of its own.</summary>
    /// <param name="json">A JSON object. A missing cursor column is stamped with the server's time, a missing version is 1, anything else missing is null.</param>
    /// <exception cref="ArgumentException">The key is there already, or a column is unknown or does not fit its type.</exception>
    public void Insert(string json)
    {
        lock (_server.Gate)
        {
            InsertIn(_server.BeginWrite(), json);
        }
    }

    /// <summary>Updates a row in a transaction of its own: stamps the cursor column and raises the version.</summary>
    /// <param name="json">A JSON object with the columns to change.</param>
    /// <param name="keyValues">The key's texts, in key order.</param>
    /// <exception cref="ArgumentException">There is no such row.</exception>
    public void Update(string json, params string[] keyValues)
    {
        lock (_server.Gate)
        {
            UpdateIn(_server.BeginWrite(), json, keyValues);
        }
    }

    /// <summary>Removes a row for good.</summary>
    /// <param name="keyValues">The key's texts, in key order.</param>
    /// <exception cref="ArgumentException">There is no such row.</exception>
    public void Delete(params string[] keyValues)
    {
        lock (_server.Gate)
        {
            DeleteIn(_server.BeginWrite(), keyValues);
        }
    }

    /// <summary>Sets a row's deletion time, as an update.</summary>
    /// <param name="keyValues">The key's texts, in key order.</param>
    /// <exception cref="ArgumentException">There is no such row, or the dataset has no deletion column.</exception>
    public void SoftDelete(params string[] keyValues)
    {
        lock (_server.Gate)
        {
            SoftDeleteIn(_server.BeginWrite(), keyValues);
        }
    }

    /// <summary>Removes every row at once, as TRUNCATE does: no row leaves a tombstone, and with the SQL kit the table has another epoch.</summary>
    public void Clear()
    {
        lock (_server.Gate)
        {
            _rows.Clear();
            _sorted.Clear();
            _generation++;
        }
    }

    /// <summary>Finds a committed row, whoever may see it.</summary>
    /// <param name="keyValues">The key's texts, in key order.</param>
    /// <returns>The row as JSON with every column, or null.</returns>
    public string? FindRow(params string[] keyValues)
    {
        lock (_server.Gate)
        {
            return _rows.TryGetValue(KeyOf(keyValues), out var row) ? Render(row, _columns.Select(static (_, index) => index)) : null;
        }
    }

    /// <summary>Returns what a user may see, in key order: what a synced store should hold.</summary>
    /// <param name="sub">The user; null for nobody signed in.</param>
    /// <param name="columns">The columns, in order; none means all.</param>
    /// <returns>One JSON object per row.</returns>
    public IReadOnlyList<string> VisibleRows(string? sub, params string[] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        lock (_server.Gate)
        {
            int[] ordinals = columns.Length == 0 ? [.. Enumerable.Range(0, _columns.Count)] : [.. columns.Select(OrdinalOf)];
            var order = _key.Select(name => new OrderTerm(OrdinalOf(name), false, false)).ToList();
            return [.. Sort(_rows.Values, order).Where(row => IsVisible(row, sub)).Select(row => Render(row, ordinals))];
        }
    }

    internal int OrdinalOf(string column)
    {
        var ordinal = _columns.FindIndex(item => string.Equals(item.Name, column, StringComparison.Ordinal));
        return ordinal >= 0 ? ordinal : throw PostgrestFailure.UnknownColumn(Name, column);
    }

    internal bool IsVisible(TableRow row, string? sub)
    {
        if (HidesDeleted && _deleted is not null && row.Values[OrdinalOf(_deleted)] is not null)
        {
            return false;
        }

        return OwnerColumn is null
            || (sub is not null && string.Equals(SqlValue.TextOf(row.Json[OrdinalOf(OwnerColumn)]), sub, StringComparison.OrdinalIgnoreCase));
    }

    internal TableRow[] Sorted(TableQuery query)
    {
        if (!_sorted.TryGetValue(query.OrderText, out var rows))
        {
            _sorted[query.OrderText] = rows = Sort(_rows.Values, query.Order);
        }

        return rows;
    }

    private TableRow[] Sort(IEnumerable<TableRow> rows, List<OrderTerm> order) =>
        [.. rows.Order(Comparer<TableRow>.Create((left, right) => Compare(left, right, order)))];

    private int Compare(TableRow left, TableRow right, List<OrderTerm> order)
    {
        foreach (var term in order)
        {
            var result = (left.Values[term.Column], right.Values[term.Column]) switch
            {
                (null, null) => 0,
                (null, _) => term.NullsFirst ? -1 : 1,
                (_, null) => term.NullsFirst ? 1 : -1,
                ({ } a, { } b) => term.IsDescending ? -SqlValue.Compare(a, b, Collation) : SqlValue.Compare(a, b, Collation),
            };
            if (result != 0)
            {
                return result;
            }
        }

        return 0;
    }
}
