using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Rows;

/// <summary>
/// Rows that were taken out of the local table so that others could take their values: whole, with the columns that only the app has. By the
/// number of the parked row that is to replace them. Runs in the caller's transaction.
/// </summary>
internal sealed class AsideTable : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly DatasetPlan _plan;
    private readonly string _local;
    private readonly string _table;
    private readonly string _isRow;
    private readonly int _id;
    private bool _isReady;
    private List<string> _columns = [];
    private readonly Statements _statements;
    private SqliteStatement? _keep;
    private SqliteStatement? _remove;
    private SqliteStatement? _giveBack;
    private SqliteStatement? _restore;
    private SqliteStatement? _forget;

    public AsideTable(SqliteDatabase database, DatasetPlan plan)
    {
        _statements = new Statements(database);
        _database = database;
        _plan = plan;
        _local = Names.Quote(plan.Dataset.LocalTable);
        TableName = NameFor(plan.Dataset.LocalTable);
        _table = Names.Quote(TableName);
        _id = plan.KeyOrdinals.Length + 1;
        _isRow = string.Join(" AND ", Names.Keys(plan.Dataset).Select(static (name, index) => $"{Names.Quote(name)} = ?{index + 1} COLLATE BINARY"));
    }

    private string TableName { get; }

    private bool Exists => _isReady || LocalTable.Read(_database, TableName) is not null;

    /// <summary>Forgets the rows whose parked rows are forgotten.</summary>
    public static void RemoveOrphans(SqliteDatabase database, string localTable)
    {
        if (LocalTable.Read(database, NameFor(localTable)) is not null)
        {
            database.Execute($"DELETE FROM {Names.Quote(NameFor(localTable))} WHERE id NOT IN (SELECT id FROM {ParkedTable.Name})");
        }
    }

    /// <summary>Gets the table ready if it is there. Comes before any savepoint too.</summary>
    public void Open()
    {
        if (Exists)
        {
            Ensure();
        }
    }

    /// <summary>Takes the row of a page's key out of the local table. <see cref="Ensure"/> comes first.</summary>
    public void Evict(long id, Page page, int row, PageBinder binder)
    {
        Bind(_keep!, id, page, row, binder);
        if (_keep!.Run() > 0)
        {
            binder.BindKey(_remove!, page, row);
            _remove!.Run();
        }
    }

    /// <summary>Gives the row that has taken an evicted one's place the values that only the app has.</summary>
    public void GiveBack(long id, Page page, int row, PageBinder binder)
    {
        if (!Exists)
        {
            return;
        }

        Ensure();
        if (_giveBack is not null)
        {
            Bind(_giveBack, id, page, row, binder);
            _giveBack.Run();
        }

        Forget(id);
    }

    /// <summary>Puts an evicted row back as it was.</summary>
    /// <returns>False when its values are taken: it stays aside.</returns>
    public bool TryRestore(long id)
    {
        _restore!.Bind(1, id);
        if (!RowRefusal.TryRun(_restore))
        {
            return false;
        }

        Forget(id);
        return true;
    }

    /// <summary>Makes the table where it is missing. Comes before any savepoint, since a rollback would take it away again.</summary>
    public void Ensure()
    {
        if (_isReady)
        {
            return;
        }

        _columns = [.. LocalTable.Read(_database, _plan.Dataset.LocalTable)!.Columns.Where(static column => !column.IsGenerated).Select(static column => column.Name)];
        _database.Execute($"CREATE TABLE IF NOT EXISTS {_table} (id INTEGER PRIMARY KEY)");
        var aside = LocalTable.Read(_database, TableName)!;
        foreach (var column in _columns.Where(column => aside.Find($"c_{column}") is null))
        {
            _database.Execute($"ALTER TABLE {_table} ADD COLUMN {Kept(column)}");
        }

        Prepare();
        _isReady = true;
    }

    public void Dispose() => _statements.Dispose();

    private static string NameFor(string localTable) => $"{Names.Prefix}aside_{localTable}";

    private static string Kept(string column) => Names.Quote($"c_{column}");

    private void Forget(long id)
    {
        _forget!.Run(id);
    }

    private void Bind(SqliteStatement statement, long id, Page page, int row, PageBinder binder)
    {
        binder.BindKey(statement, page, row);
        statement.Bind(_id, id);
    }

    private void Prepare()
    {
        var kept = string.Join(", ", _columns.Select(Kept));
        var declared = _plan.Dataset.Columns.Select(static column => column.LocalName).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var own = _columns.Where(column => !declared.Contains(column)).ToList();
        _keep = _statements.Prepare($"INSERT OR REPLACE INTO {_table} (id, {kept}) SELECT ?{_id}, {Names.List(_columns)} FROM {_local} WHERE {_isRow}");
        _remove = _statements.Prepare($"DELETE FROM {_local} WHERE {_isRow}");
        _restore = _statements.Prepare($"INSERT INTO {_local} ({Names.List(_columns)}) SELECT {kept} FROM {_table} WHERE id = ?1");
        _forget = _statements.Prepare($"DELETE FROM {_table} WHERE id = ?1");
        if (own.Count > 0)
        {
            _giveBack = _statements.Prepare(
                $"UPDATE {_local} SET {string.Join(", ", own.Select(static column => $"{Names.Quote(column)} = a.{Kept(column)}"))} FROM {_table} a WHERE a.id = ?{_id} AND {string.Join(" AND ", Names.Keys(_plan.Dataset).Select((name, index) => $"{_local}.{Names.Quote(name)} = ?{index + 1} COLLATE BINARY"))}");
        }
    }
}
