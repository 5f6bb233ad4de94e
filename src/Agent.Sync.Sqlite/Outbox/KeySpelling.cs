using System.Text;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Sqlite.Values;
using SQLitePCL;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>
/// Gives rows that the app wrote the spelling that the store writes: a uuid in lower case, in braces or as bytes is the same key to the server, but another
/// one to SQLite. Runs in the caller's transaction.
/// </summary>
/// <remarks>
/// Only rows with a change can have another spelling: all others came from the server. Two rows with both spellings of one key become one: what the app
/// wrote under its spelling is an edit of the other. In statements <c>u</c> is the row with the store's spelling, and <c>k</c> the key as the app spelled it.
/// </remarks>
internal sealed class KeySpelling
{
    private readonly SqliteDatabase _database;
    private readonly DatasetPlan _plan;
    private readonly DatasetPlan _keys;
    private readonly SqliteUuidFormat _uuidFormat;
    private readonly OutboxNames _names;
    private readonly List<(string LocalName, int Ordinal)> _uuids;

    public KeySpelling(SqliteDatabase database, DatasetPlan plan, SqliteUuidFormat uuidFormat)
    {
        _database = database;
        _plan = plan;
        _uuidFormat = uuidFormat;
        _names = new OutboxNames(plan.Dataset);

        // The key's columns alone, with a cursor that is never read.
        _keys = new DatasetPlan(plan.Dataset.Tombstones("public", plan.Dataset.RemoteTable), uuidFormat);
        _uuids = [.. plan.Dataset.Columns.Select(static (column, ordinal) => (column.LocalName, Ordinal: ordinal)).Where(column => plan.Dataset.Columns[column.Ordinal].Type == ColumnType.Uuid && !plan.KeyOrdinals.Contains(column.Ordinal))];
    }

    private int Id => _names.Keys.Count + 1;

    private string HasOldKey => $"({_names.KeyColumns}) IN (SELECT {_names.KeyColumns} FROM {_names.Table} WHERE id = ?{Id})";

    /// <summary>Returns the changes whose key may be spelled otherwise.</summary>
    public List<long> FindSuspects()
    {
        var conditions = _plan.KeyOrdinals.Select(ordinal => IsSuspect(_plan.Dataset.Columns[ordinal]));
        using var statement = _database.Prepare($"SELECT id FROM {_names.Table} WHERE {string.Join(" OR ", conditions)} ORDER BY id");
        var found = new List<long>();
        while (statement.Step())
        {
            found.Add(statement.Int64(0));
        }

        return found;
    }

    /// <summary>Whether a value is stored in a form of the app's own, which the store would write otherwise: a uuid, or a text of the key.</summary>
    public bool IsForeign(SqliteStatement statement, int column, int ordinal) => _plan.Dataset.Columns[ordinal].Type switch
    {
        ColumnType.Uuid => IsForeignUuid(statement, column),
        ColumnType.Text => _plan.KeyOrdinals.Contains(ordinal) && statement.StorageOf(column) is not (raw.SQLITE_TEXT or raw.SQLITE_NULL),
        _ => false,
    };

    /// <summary>Gives the row of a change, and the change, the store's own spelling.</summary>
    /// <remarks>Nothing is done where the local table or a value refuses it: then the change is sent as it is, or goes into quarantine.</remarks>
    public void Respell(long change)
    {
        _database.Execute("SAVEPOINT spelling");
        try
        {
            RespellKey(change);
            RespellValues(change);
        }
        catch (SqliteFailure failure) when (RowRefusal.IsOfOneRow(failure))
        {
            _database.Execute("ROLLBACK TO spelling");
        }

        _database.Execute("RELEASE spelling");
    }

    private bool IsForeignUuid(SqliteStatement statement, int column)
    {
        var storage = statement.StorageOf(column);
        return storage != raw.SQLITE_NULL && (_uuidFormat == SqliteUuidFormat.Blob
            ? storage != raw.SQLITE_BLOB
            : storage != raw.SQLITE_TEXT || statement.Bytes(column) is not { Length: 36 } text || text.ContainsAnyInRange((byte)'a', (byte)'f'));
    }

    // A column that is not assigned would be read after the BEFORE triggers.
    private string OthersAsTheyAre(string column) =>
        string.Concat(_names.Values.Where(other => other != column).Select(other => $", {Names.Quote(other)} = {_names.Local}.{Names.Quote(other)}"));

    private string IsSuspect(DatasetColumn column)
    {
        var key = OutboxNames.Key(column.LocalName);
        return (column.Type, _uuidFormat) switch
        {
            (ColumnType.Uuid, SqliteUuidFormat.Text) => $"typeof({key}) <> 'text' OR length({key}) <> 36 OR {key} <> upper({key}) COLLATE BINARY",
            (ColumnType.Uuid, _) => $"typeof({key}) <> 'blob'",

            // A column without a declared type keeps a number where a text is meant. As a whole number it is one, or goes into quarantine.
            (ColumnType.Text, _) => $"typeof({key}) <> 'text'",
            _ => "0",
        };
    }

    private void RespellKey(long change)
    {
        if (ReadKey(change) is not { } page)
        {
            return;
        }

        using var binder = new PageBinder(_keys);
        using (page)
        {
            if (Ask($"SELECT {string.Join(" AND ", _names.Keys.Select(static (key, index) => $"{OutboxNames.Key(key)} IS ?{index + 1} COLLATE BINARY"))} FROM {_names.Table} WHERE id = ?{Id}"))
            {
                return;
            }

            var right = _names.HasKey(string.Empty, Parameter);
            if (Ask($"SELECT count(*) > 1 FROM {_names.Table} WHERE state = {OutboxNames.InFlight} AND (({right}) OR ({HasOldKey})) AND ?{Id} > 0"))
            {
                // Both are on their way: one of them has to come back first.
                return;
            }

            var isLocal = string.Join(" AND ", _names.Keys.Select(key => $"t.{Names.Quote(key)} = {Parameter(key)} COLLATE BINARY"));
            Run($"""
                INSERT INTO {_names.Table} ({_names.KeyColumns}, has_base{_names.ValueList(OutboxNames.Base)})
                SELECT {string.Join(", ", _names.Keys.Select(Parameter))}, 1{_names.ValueList(static column => $"t.{Names.Quote(column)}")}
                FROM {_names.Local} t WHERE {isLocal} AND NOT EXISTS (SELECT 1 FROM {_names.Table} WHERE {right}) AND ?{Id} > 0
                """);
            var replaces = Ask($"SELECT EXISTS (SELECT 1 FROM {_names.Local} t WHERE {isLocal}) AND ?{Id} > 0");
            var rows = replaces ? CountRows() - 1 : 0;
            using (var respell = new EditedRowUpdate(_database, _names, $"""
                UPDATE OR REPLACE {_names.Local} SET {string.Join(", ", _names.Keys.Select(key => $"{Names.Quote(key)} = {Parameter(key)}"))}{_names.ValueList(column => $"{Names.Quote(column)} = coalesce({_names.Local}.{Names.Quote(column)}, u.{Names.Quote(column)})")}
                FROM (SELECT {_names.KeyColumns} FROM {_names.Table} WHERE id = ?{Id}) k LEFT JOIN {_names.Local} u ON {string.Join(" AND ", _names.Keys.Select(key => $"u.{Names.Quote(key)} = {Parameter(key)} COLLATE BINARY"))}
                WHERE {string.Join(" AND ", _names.Keys.Select(key => $"{_names.Local}.{Names.Quote(key)} = k.{OutboxNames.Key(key)} COLLATE BINARY"))}
                """))
            {
                Bind(respell.Statement);
                respell.Run();
            }

            if (replaces && CountRows() != rows)
            {
                // Between them the two have a unique value of a third row.
                throw new SqliteFailure(raw.SQLITE_CONSTRAINT_UNIQUE, detail: null);
            }

            // The change of the right spelling knows the server's row. A change in flight always keeps its number.
            var waits = Ask($"SELECT EXISTS (SELECT 1 FROM {_names.Table} WHERE state = {OutboxNames.Open} AND {right}) AND ?{Id} > 0");
            var marks = OutboxSchema.ReadMarks(_database, _names);
            foreach (var (id, state) in ReadChanges(change))
            {
                change = id;
                var isMerged = waits && state == OutboxNames.Open;
                if (isMerged && marks.Count > 0)
                {
                    Run($"UPDATE {_names.Table} SET {string.Join(", ", marks.Select(mark => $"{mark} = {_names.Table}.{mark} | o.{mark}"))} FROM {_names.Table} o WHERE o.id = ?{Id} AND {_names.Table}.state = {OutboxNames.Open} AND {_names.HasKey($"{_names.Table}.", Parameter)}");
                }

                Run(isMerged
                    ? $"DELETE FROM {_names.Table} WHERE id = ?{Id}"
                    : $"UPDATE {_names.Table} SET {string.Join(", ", _names.Keys.Select(key => $"{OutboxNames.Key(key)} = {Parameter(key)}"))} WHERE id = ?{Id}");
            }
        }

        void Bind(SqliteStatement statement)
        {
            binder.BindKey(statement, page, 0);
            statement.Bind(Id, change);
        }

        bool Ask(string sql)
        {
            using var statement = _database.Prepare(sql);
            Bind(statement);
            return statement.Step() && statement.Int64(0) != 0;
        }

        void Run(string sql)
        {
            using var statement = _database.Prepare(sql);
            Bind(statement);
            statement.Run();
        }
    }

    private long? CountRows() => _database.QueryInt64($"SELECT count(*) FROM {_names.Local}");

    /// <summary>Returns the changes of a change's key, itself among them.</summary>
    private List<(long Id, long State)> ReadChanges(long change)
    {
        using var statement = _database.Prepare($"SELECT id, state FROM {_names.Table} WHERE ({_names.KeyColumns}) IN (SELECT {_names.KeyColumns} FROM {_names.Table} WHERE id = ?1) ORDER BY id");
        statement.Bind(1, change);
        var found = new List<(long, long)>();
        while (statement.Step())
        {
            found.Add((statement.Int64(0), statement.Int64(1)));
        }

        return found;
    }

    private string Parameter(string key) => $"?{_names.Keys.ToList().IndexOf(key) + 1}";

    /// <summary>Reads a change's key as the server would send it; null when a value cannot be one of its type.</summary>
    private Page? ReadKey(long change)
    {
        using var json = new StoredJson(_keys.Dataset);
        using var statement = _database.Prepare($"SELECT {_names.KeyColumns}, NULL FROM {_names.Table} WHERE id = ?1");
        statement.Bind(1, change);
        if (!statement.Step())
        {
            return null;
        }

        json.StartObject();
        for (var ordinal = 0; ordinal <= _names.Keys.Count; ordinal++)
        {
            if (!json.TryWrite(ordinal, statement, ordinal))
            {
                return null;
            }
        }

        json.EndObject();
        return Page.Parse(_keys.Dataset, [(byte)'[', .. json.Written, (byte)']']);
    }

    private void RespellValues(long change)
    {
        if (_uuids.Count == 0)
        {
            return;
        }

        var found = new List<(string Column, Guid Value)>();
        using (var read = _database.Prepare(
            $"SELECT {string.Join(", ", _uuids.Select(static column => $"t.{Names.Quote(column.LocalName)}"))} FROM {_names.Table} o JOIN {_names.Local} t ON {_names.IsAbout("o.", "t")} WHERE o.id = ?1"))
        {
            read.Bind(1, change);
            if (read.Step())
            {
                for (var index = 0; index < _uuids.Count; index++)
                {
                    if (IsForeignUuid(read, index) && StoredValue.TryReadUuid(read, index, out var value))
                    {
                        found.Add((_uuids[index].LocalName, value));
                    }
                }
            }
        }

        Span<byte> bytes = stackalloc byte[16];
        foreach (var (column, value) in found)
        {
            using var write = new EditedRowUpdate(_database, _names,
                $"UPDATE {_names.Local} SET {Names.Quote(column)} = ?2{OthersAsTheyAre(column)} FROM {_names.Table} o WHERE o.id = ?1 AND {_names.IsAbout("o.", _names.Local)}");
            write.Statement.Bind(1, change);
            if (_uuidFormat == SqliteUuidFormat.Blob)
            {
                value.TryWriteBytes(bytes);
                write.Statement.BindBlob(2, bytes);
            }
            else
            {
                write.Statement.BindText(2, Encoding.UTF8.GetBytes(value.ToString().ToUpperInvariant()));
            }

            write.Run();
        }
    }
}
