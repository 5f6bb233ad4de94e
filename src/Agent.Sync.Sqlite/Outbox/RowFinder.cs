using System.Text;
using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Sqlite.Values;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>Finds what the file has of one key: the local row, its changes, and the parked row. Only reads.</summary>
internal sealed class RowFinder(SqliteDatabase database, Dataset dataset, SqliteUuidFormat uuidFormat)
{
    private readonly OutboxNames _names = new(dataset);

    // The key's columns alone, with a cursor that is never read.
    private readonly DatasetPlan _keys = new(dataset.Tombstones("public", dataset.RemoteTable), uuidFormat);

    /// <param name="key">The key as a JSON object, in the server's own text.</param>
    public StoredRow Find(string key)
    {
        var cursor = _keys.Dataset.Columns[_keys.Dataset.CursorOrdinal].Name;
        using var page = Page.Parse(_keys.Dataset, Encoding.UTF8.GetBytes($"[{key[..^1]},\"{cursor}\":null}}]"));
        using var binder = new PageBinder(_keys);
        var parked = ParkedTable.Find(database, dataset, key);
        if (LocalTable.Read(database, dataset.LocalTable) is not { } table)
        {
            return new StoredRow(default, []) { Parked = parked };
        }

        var desk = new ChangeDesk(database, new DatasetPlan(dataset, uuidFormat));
        var changes = OutboxRegistry.Read(database, dataset.LocalTable) is null ? [] : desk.List(IsAbout, statement => binder.BindKey(statement, page, 0));
        var row = ReadRow(table, $"FROM {_names.Local} t WHERE {string.Join(" AND ", _names.Keys.Select((name, index) => $"t.{Names.Quote(name)} = ?{index + 1} COLLATE BINARY"))}", statement => binder.BindKey(statement, page, 0));
        if (row.IsEmpty && changes.Count > 0)
        {
            // The app spelled the key in its own way: its change leads to it.
            row = ReadRow(table, $"FROM {_names.Table} o JOIN {_names.Local} t ON {_names.IsAbout("o.", "t")} WHERE o.id = ?1", statement => statement.Bind(1, changes[0].Id));
        }

        return new StoredRow(row, changes) { Base = changes.Count > 0 ? desk.ReadImages(changes[0].Id).Server : default, Parked = parked };
    }

    /// <summary>Gets the condition that a change has the key; a uuid may be in lower case, as the app wrote it.</summary>
    private string IsAbout => string.Join(" AND ", _names.Keys.Select((name, index) =>
        _keys.Dataset.Columns[_keys.KeyOrdinals[index]].Type == ColumnType.Uuid && uuidFormat == SqliteUuidFormat.Text
            ? $"(o.{OutboxNames.Key(name)} = ?{index + 1} OR upper(o.{OutboxNames.Key(name)}) = ?{index + 1})"
            : $"o.{OutboxNames.Key(name)} = ?{index + 1}"));

    private ReadOnlyMemory<byte> ReadRow(LocalTable table, string from, Action<SqliteStatement> bind)
    {
        int[] ordinals = [.. Enumerable.Range(0, dataset.Columns.Count).Where(ordinal => table.Find(dataset.Columns[ordinal].LocalName) is not null)];
        using var statement = database.Prepare($"SELECT {string.Join(", ", ordinals.Select(ordinal => $"t.{Names.Quote(dataset.Columns[ordinal].LocalName)}"))} {from}");
        bind(statement);
        if (!statement.Step())
        {
            return default;
        }

        using var json = new StoredJson(dataset);
        return json.ToObject(ordinals, statement, first: 0);
    }
}
