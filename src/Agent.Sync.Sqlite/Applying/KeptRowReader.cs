using System.Text.Json;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Values;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Applying;

/// <summary>Reads the server's rows that are stored, page by page: parked ones, then those that changes know, then the table's that have no change.</summary>
/// <remarks>In this order a row that the app edits between two pages does not come twice: it does not come at all.</remarks>
internal sealed class KeptRowReader : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly KeptRowsRequest _request;
    private readonly OutboxChanges _changes;
    private readonly KeptRowsSql _sql;
    private readonly StoredJson _json;
    private readonly List<KeptRow> _rows = [];

    public KeptRowReader(SqliteDatabase database, KeptRowsRequest request)
    {
        _database = database;
        _request = request;
        _changes = OutboxChanges.Read(database, request.Dataset);
        _sql = new KeptRowsSql(request.Dataset, request.Columns, _changes.Any);
        _json = new StoredJson(request.Dataset);
    }

    public KeptRows Read()
    {
        var token = KeptRowsToken.Read(_request.After);
        var total = _request.After is null ? _database.QueryInt64($"SELECT count(*) FROM {Schema.Names.Quote(_request.Dataset.LocalTable)}") : null;
        if (token.Part == KeptRowsToken.Parked)
        {
            token = ReadParked(token.Number);
        }

        if (token.Part == KeptRowsToken.Changes && _rows.Count < _request.Limit)
        {
            token = ReadChanges(token.Number);
        }

        var next = token.Part == KeptRowsToken.Table && _rows.Count < _request.Limit ? ReadTable(token.Key) : token;
        return new KeptRows(_rows, next?.Write(), total);
    }

    public void Dispose() => _json.Dispose();

    private KeptRowsToken ReadParked(long after)
    {
        if (_changes.HasParked)
        {
            using var statement = _database.Prepare($"SELECT id, content FROM {ParkedTable.Name} WHERE local_table = ?1 AND id > ?2 AND kind = {ParkedTable.Row} ORDER BY id LIMIT ?3");
            statement.Bind(1, _request.Dataset.LocalTable);
            statement.Bind(2, after);
            statement.Bind(3, _request.Limit);
            while (statement.Step())
            {
                after = statement.Int64(0);
                _rows.Add(new KeptRow(KeptRowState.Parked, statement.Blob(1)));
            }
        }

        return _rows.Count == _request.Limit ? new KeptRowsToken(KeptRowsToken.Parked, after, []) : new KeptRowsToken(KeptRowsToken.Changes, 0, []);
    }

    private KeptRowsToken ReadChanges(long after)
    {
        if (_changes.Any)
        {
            using var statement = _database.Prepare(_sql.Changes);
            statement.Bind(1, after);
            statement.Bind(2, _request.Limit - _rows.Count);
            while (statement.Step())
            {
                after = statement.Int64(0);
                _rows.Add(new KeptRow(KeptRowState.Changed, _json.ToObject(_request.Columns, statement, 1)));
            }
        }

        return _rows.Count == _request.Limit ? new KeptRowsToken(KeptRowsToken.Changes, after, []) : new KeptRowsToken(KeptRowsToken.Table, 0, []);
    }

    private KeptRowsToken? ReadTable(IReadOnlyList<string> after)
    {
        var keys = _request.Dataset.KeyOrdinals.Count;
        var left = _request.Limit - _rows.Count;
        using var statement = _database.Prepare(_sql.Rows(after.Count == 0));
        for (var part = 0; part < after.Count; part++)
        {
            KeptRowsToken.Bind(statement, part + 1, after[part]);
        }

        statement.Bind(keys + 1, left);
        var parked = _changes.HasParked ? ReadParkedKeys() : [];
        string[] last = [];
        while (statement.Step())
        {
            left--;
            var json = _json.ToObject(_request.Columns, statement, 0);
            if (left == 0)
            {
                last = [.. Enumerable.Range(_request.Columns.Count, keys).Select(column => KeptRowsToken.ValueOf(statement, column))];
            }

            if (parked.Count == 0 || !parked.Contains(KeyText(json)))
            {
                _rows.Add(new KeptRow(KeptRowState.Stored, json));
            }
        }

        return left == 0 ? new KeptRowsToken(KeptRowsToken.Table, 0, last) : null;
    }

    /// <summary>Reads the keys of parked rows: what is parked is the newer of the two.</summary>
    private HashSet<string> ReadParkedKeys()
    {
        using var statement = _database.Prepare($"SELECT key FROM {ParkedTable.Name} WHERE local_table = ?1");
        statement.Bind(1, _request.Dataset.LocalTable);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (statement.Step())
        {
            keys.Add(KeyText(statement.Bytes(0).ToArray()));
        }

        return keys;
    }

    private string KeyText(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return string.Join('\0', _request.Dataset.KeyOrdinals.Select(ordinal => document.RootElement.GetProperty(_request.Dataset.Columns[ordinal].Name)).Select(
            static value => value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()));
    }
}
