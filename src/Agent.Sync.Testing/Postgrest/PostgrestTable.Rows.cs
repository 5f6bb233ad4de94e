using System.Globalization;
using System.Text;
using System.Text.Json;
using Agent.Sync.Testing.Postgrest;
using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.Testing;

public sealed partial class PostgrestTable
{
    private const long SameMoment = 1_000;

    internal IEnumerable<TableRow> Rows => _rows.Values;

    internal IReadOnlyList<string> KeyColumns => _key;

    internal string? DeletedColumn => _deleted;

    internal void InsertIn(WriteScope scope, string json)
    {
        var values = Read(json);
        values.TryAdd(_cursor, Stamp(scope.Stamp));
        if (_version is not null)
        {
            values.TryAdd(_version, "1"u8.ToArray());
        }

        var row = RowOf(values);
        if (Find(row) is not null)
        {
            throw new ArgumentException($"Table '{Name}' has a row of this key already.", nameof(json));
        }

        Insert(scope, row);
    }

    internal void UpdateIn(WriteScope scope, string json, string[] keyValues)
    {
        var old = Require(keyValues);
        var values = ValuesOf(old);
        StampUpdate(values, old, scope);
        foreach (var (name, value) in Read(json))
        {
            values[name] = value;
        }

        Update(scope, old, RowOf(values));
    }

    internal void SoftDeleteIn(WriteScope scope, string[] keyValues)
    {
        if (_deleted is null)
        {
            throw new ArgumentException($"Table '{Name}' has no deletion column.", nameof(keyValues));
        }

        UpdateIn(scope, $"{{\"{_deleted}\":\"{PostgresTimestamp.Format(scope.Stamp)}\"}}", keyValues);
    }

    internal void DeleteIn(WriteScope scope, string[] keyValues) => Delete(scope, Require(keyValues));

    internal bool Has(string[] keyValues) => _rows.ContainsKey(KeyOf(keyValues));

    /// <summary>Finds the committed row of the same key.</summary>
    internal TableRow? Find(TableRow row) => _rows.GetValueOrDefault(KeyOf(row));

    internal TableRow? Find(IReadOnlyDictionary<string, byte[]> key) => _rows.GetValueOrDefault(KeyOf(key));

    /// <summary>Returns a row's values as JSON texts by column.</summary>
    internal Dictionary<string, byte[]> ValuesOf(TableRow row) =>
        _columns.Select((column, index) => (column.Name, Json: row.Json[index])).ToDictionary(static pair => pair.Name, static pair => pair.Json);

    internal void Insert(WriteScope scope, TableRow row)
    {
        row = StampSequence(scope, null, row);
        Set(scope, KeyOf(row), row);
        BuryInserted(scope, row);
    }

    internal void Update(WriteScope scope, TableRow old, TableRow row)
    {
        row = StampSequence(scope, old, row);

        // A changed row moves to the end of the heap, as PostgreSQL's new row version does.
        Set(scope, KeyOf(old), null);
        Set(scope, KeyOf(row), row);
        BuryUpdated(scope, old, row);
    }

    internal void Delete(WriteScope scope, TableRow old)
    {
        Set(scope, KeyOf(old), null);
        BuryDeleted(scope, old);
    }

    /// <summary>Makes a row of JSON texts by column; what is missing is null.</summary>
    /// <exception cref="PostgrestFailure">A value does not fit its column.</exception>
    internal TableRow MakeRow(IReadOnlyDictionary<string, byte[]> values)
    {
        var json = _columns.Select(column => values.TryGetValue(column.Name, out var value) ? value : "null"u8.ToArray()).ToArray();
        foreach (var (ordinal, column) in _columns.Index())
        {
            json[ordinal] = column.Type == ColumnType.Json ? JsonbText.Of(json[ordinal]) : json[ordinal];
        }

        return new TableRow(json, [.. _columns.Select((column, index) => SqlValue.FromJson(column.Type, json[index]))]);
    }

    /// <summary>Writes what the server owns over what a client sent: see the sample's trigger.</summary>
    internal void StampInsert(Dictionary<string, byte[]> values, WriteScope scope)
    {
        values[_cursor] = Stamp(scope.Stamp);
        if (_version is not null)
        {
            values[_version] = "1"u8.ToArray();
        }
    }

    /// <summary>As <see cref="StampInsert"/>, for a row that replaces another one.</summary>
    internal void StampUpdate(Dictionary<string, byte[]> values, TableRow old, WriteScope scope)
    {
        // On a clock that stands still, as a test's may, two transactions would have one now(). PostgreSQL's never have.
        var before = old.Values[OrdinalOf(_cursor)] as long? ?? long.MinValue;
        var isSameMoment = old.Writer != scope.Id && before >= scope.Stamp && before - scope.Stamp < SameMoment;
        values[_cursor] = MovesCursor ? Stamp(isSameMoment ? before + 1 : scope.Stamp) : old.Json[OrdinalOf(_cursor)];
        if (_version is not null && !MovesVersion)
        {
            values[_version] = old.Json[OrdinalOf(_version)];
        }
        else if (_version is not null)
        {
            values[_version] = Number((long)(old.Values[OrdinalOf(_version)] ?? 0L) + 1);
        }
    }

    internal string Render(TableRow row, IEnumerable<int> ordinals) =>
        "{" + string.Join(',', ordinals.Select(ordinal => $"\"{_columns[ordinal].Name}\":{Encoding.UTF8.GetString(row.Json[ordinal])}")) + "}";

    private static byte[] Stamp(long microseconds) => Encoding.UTF8.GetBytes($"\"{PostgresTimestamp.Format(microseconds)}\"");

    private static byte[] Number(long value) => Encoding.UTF8.GetBytes(value.ToString(CultureInfo.InvariantCulture));

    private static string KeyOf(IEnumerable<string> values) =>
        string.Concat(values.Select(static value => $"{value.Length}:{value}"));

    private static Dictionary<string, byte[]> Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject()
            .ToDictionary(static item => item.Name, static item => Encoding.UTF8.GetBytes(item.Value.GetRawText()));
    }

    private string KeyOf(IReadOnlyDictionary<string, byte[]> values) => KeyOf(_key.Select(name => SqlValue.TextOf(values[name])));

    private string KeyOf(TableRow row) => KeyOf(_key.Select(name => SqlValue.TextOf(row.Json[OrdinalOf(name)])));

    private TableRow Require(string[] keyValues) =>
        _rows.GetValueOrDefault(KeyOf(keyValues)) ?? throw new ArgumentException($"Table '{Name}' has no row of this key.", nameof(keyValues));

    private void Set(WriteScope scope, string key, TableRow? row)
    {
        var before = _rows.GetValueOrDefault(key);
        scope.OnRollback(() => Put(key, before));
        Put(key, row);
    }

    private void Put(string key, TableRow? row)
    {
        _sorted.Clear();
        if (row is null)
        {
            _rows.Remove(key);
        }
        else
        {
            _rows[key] = row;
        }
    }

    private TableRow RowOf(Dictionary<string, byte[]> values)
    {
        if (values.Keys.FirstOrDefault(name => !_columns.Exists(column => column.Name == name)) is { } unknown)
        {
            throw new ArgumentException($"Table '{Name}' has no column '{unknown}'.", nameof(values));
        }

        try
        {
            return MakeRow(values);
        }
        catch (PostgrestFailure failure)
        {
            throw new ArgumentException($"A value does not fit its column in table '{Name}': {failure.Message}.", nameof(values), failure);
        }
    }
}
