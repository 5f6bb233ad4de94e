using System.Buffers;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Values;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Applying;

/// <summary>Finds what is stored under the keys of a page, and removes rows by key. Runs in the caller's transaction.</summary>
internal sealed class KeptRowFinder : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly Dataset _dataset;
    private readonly IReadOnlyList<int> _columns;
    private readonly OutboxChanges _changes;
    private readonly PageBinder _binder;
    private readonly KeptRowsSql _sql;
    private readonly Statements _statements;
    private readonly StoredJson _json;
    private readonly ArrayBufferWriter<byte> _key = new();

    /// <param name="database">The database.</param>
    /// <param name="dataset">The dataset.</param>
    /// <param name="keys">The plan of the page's dataset.</param>
    /// <param name="columns">The columns that are read.</param>
    public KeptRowFinder(SqliteDatabase database, Dataset dataset, DatasetPlan keys, IReadOnlyList<int> columns)
    {
        _database = database;
        _dataset = dataset;
        _columns = columns;
        _changes = OutboxChanges.Read(database, dataset);
        _binder = new PageBinder(keys);
        _sql = new KeptRowsSql(dataset, columns, _changes.Any);
        _statements = new Statements(database);
        _json = new StoredJson(dataset);
    }

    public IReadOnlyList<KeptRow> Find(Page keys)
    {
        var row = _statements.Prepare(_sql.Row);
        var change = _changes.Any ? _statements.Prepare(_sql.Change) : null;
        var parked = _changes.HasParked ? _statements.Prepare($"SELECT kind, content FROM {ParkedTable.Name} WHERE local_table = ?1 AND key = ?2") : null;
        var found = new KeptRow[keys.Count];
        for (var index = 0; index < found.Length; index++)
        {
            found[index] = (parked is null ? null : FindParked(parked, keys, index)) ?? (change is null ? null : FindChange(change, keys, index)) ?? FindRow(row, keys, index);
        }

        return found;
    }

    /// <summary>Removes rows without a change. One that a trigger of the app's does not let go is named among the parked ones.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="isCareful">Whether a row that the table refuses to let go leaves the transaction open.</param>
    public long Remove(Page keys, bool isCareful)
    {
        var remove = _statements.Prepare(_sql.Remove);
        var removed = 0L;
        for (var row = 0; row < keys.Count; row++)
        {
            _binder.BindKey(remove, keys, row);
            try
            {
                removed += remove.Run();
            }
            catch (SqliteFailure failure) when (isCareful && RowRefusal.IsOfOneRow(failure))
            {
                _key.ResetWrittenCount();
                ParkedRows.WriteKey(keys, row, _key);
                ParkedTable.AddDelete(_database, _dataset.LocalTable, _key.WrittenSpan);
            }
        }

        return removed;
    }

    public void Dispose()
    {
        _statements.Dispose();
        _binder.Dispose();
        _json.Dispose();
    }

    private KeptRow? FindParked(SqliteStatement statement, Page keys, int row)
    {
        _key.ResetWrittenCount();
        ParkedRows.WriteKey(keys, row, _key);
        statement.Bind(1, _dataset.LocalTable);
        statement.BindText(2, _key.WrittenSpan);
        KeptRow? found = statement.Step()
            ? new KeptRow(KeptRowState.Parked, statement.Int64(0) == ParkedTable.Row ? statement.Blob(1) : ReadOnlyMemory<byte>.Empty)
            : null;
        statement.Reset();
        return found;
    }

    private KeptRow? FindChange(SqliteStatement statement, Page keys, int row)
    {
        _binder.BindKey(statement, keys, row);
        KeptRow? found = statement.Step()
            ? new KeptRow(KeptRowState.Changed, statement.Int64(0) != 0 ? _json.ToObject(_columns, statement, 1) : ReadOnlyMemory<byte>.Empty)
            : null;
        statement.Reset();
        return found;
    }

    private KeptRow FindRow(SqliteStatement statement, Page keys, int row)
    {
        _binder.BindKey(statement, keys, row);
        var found = statement.Step() ? new KeptRow(KeptRowState.Stored, _json.ToObject(_columns, statement, 0)) : default;
        statement.Reset();
        return found;
    }
}
