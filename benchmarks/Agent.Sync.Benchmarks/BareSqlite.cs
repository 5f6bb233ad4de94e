using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Agent.Sync.Benchmarks;

/// <summary>The least that must be done: one prepared upsert, values that are ready, the store's own settings.</summary>
internal sealed class BareSqlite : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly (byte[]? Text, long Number)[][] _rows;
    private readonly sqlite3_stmt _upsert;

    public BareSqlite(string path, ApplyRows rows)
    {
        _rows = rows.ReadyValues;
        _connection = new SqliteConnection($"Data Source={path};Pooling=False;Foreign Keys=False");
        _connection.Open();
        Execute("PRAGMA synchronous = FULL");
        Execute("PRAGMA wal_autocheckpoint = 1024");
        var names = ApplyRows.Dataset.Columns.Select(static column => column.Name).ToArray();
        var parameters = Enumerable.Range(1, names.Length).Select(static index => string.Create(CultureInfo.InvariantCulture, $"?{index}"));
        var sets = names.Skip(1).Select(static name => $"{name} = excluded.{name}");
        raw.sqlite3_prepare_v3(
            _connection.Handle,
            $"INSERT INTO artifacts ({string.Join(',', names)}) VALUES ({string.Join(',', parameters)}) ON CONFLICT (id) DO UPDATE SET {string.Join(',', sets)} WHERE excluded.version > artifacts.version",
            raw.SQLITE_PREPARE_PERSISTENT,
            out _upsert);
    }

    public void Upsert(int start, int count)
    {
        Execute("BEGIN IMMEDIATE");
        for (var row = start; row < start + count; row++)
        {
            Upsert(_rows[row]);
        }

        Execute("COMMIT");
    }

    public void Dispose()
    {
        _upsert.Dispose();
        _connection.Dispose();
    }

    private void Upsert((byte[]? Text, long Number)[] row)
    {
        for (var i = 0; i < row.Length; i++)
        {
            var (text, number) = row[i];
            _ = text is not null ? raw.sqlite3_bind_text(_upsert, i + 1, text)
                : number < 0 ? raw.sqlite3_bind_null(_upsert, i + 1)
                : raw.sqlite3_bind_int64(_upsert, i + 1, number);
        }

        if (raw.sqlite3_step(_upsert) != raw.SQLITE_DONE)
        {
            throw new InvalidOperationException("The upsert failed.");
        }

        raw.sqlite3_reset(_upsert);
    }

    private void Execute(string sql)
    {
        if (raw.sqlite3_exec(_connection.Handle, sql) != raw.SQLITE_OK)
        {
            throw new InvalidOperationException($"{sql} failed.");
        }
    }
}
