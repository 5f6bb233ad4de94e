using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace DotnetLoop;

/// <summary>The SQLite file: the rows, which of them were edited, and how far the last pull came.</summary>
internal sealed class LocalDatabase : IDisposable
{
    private static readonly string[] Columns = Table.Columns.Split(',');

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _upsert;
    private SqliteTransaction? _transaction;

    /// <param name="file">The file.</param>
    /// <param name="pageBytes">The size of the file's pages.</param>
    public LocalDatabase(string file, int pageBytes)
    {
        _connection = new SqliteConnection($"Data Source={file};Pooling=False");
        _connection.Open();
        Execute($"PRAGMA page_size = {pageBytes}");
        Execute("PRAGMA journal_mode = WAL");
        Execute("""
            CREATE TABLE IF NOT EXISTS artifacts (
                id TEXT PRIMARY KEY, type TEXT, name TEXT, content TEXT, metadata TEXT, version INTEGER, owner_id TEXT, updated_at TEXT, deleted_at TEXT,
                dirty INTEGER NOT NULL DEFAULT 0, removed INTEGER NOT NULL DEFAULT 0)
            """);
        Execute("CREATE INDEX IF NOT EXISTS artifacts_dirty ON artifacts (id) WHERE dirty = 1");
        Execute("CREATE TABLE IF NOT EXISTS sync_state (name TEXT PRIMARY KEY, value TEXT)");
        _upsert = Command($"""
            INSERT INTO artifacts ({Table.Columns}) VALUES ({string.Join(',', Columns.Select(static column => "$" + column))})
            ON CONFLICT (id) DO UPDATE SET {string.Join(',', Columns.Skip(1).Select(static column => $"{column} = excluded.{column}"))} WHERE dirty = 0
            """);
        foreach (var column in Columns)
        {
            _upsert.Parameters.Add(new SqliteParameter { ParameterName = "$" + column });
        }
    }

    public string? State(string name)
    {
        using var command = Command("SELECT value FROM sync_state WHERE name = $name");
        command.Parameters.AddWithValue("$name", name);
        return command.ExecuteScalar() as string;
    }

    public void SetState(string name, string value) =>
        Execute("INSERT INTO sync_state VALUES ($name, $value) ON CONFLICT (name) DO UPDATE SET value = excluded.value", ("$name", name), ("$value", value));

    public void Begin() => _transaction ??= _connection.BeginTransaction();

    public void Commit()
    {
        _transaction?.Commit();
        _transaction?.Dispose();
        _transaction = null;
    }

    public void Upsert(Artifact row)
    {
        var values = _upsert.Parameters;
        values[0].Value = row.Id;
        values[1].Value = Value(row.Type);
        values[2].Value = Value(row.Name);
        values[3].Value = Value(row.Content);
        values[4].Value = row.Metadata.GetRawText();
        values[5].Value = Value(row.Version);
        values[6].Value = Value(row.OwnerId);
        values[7].Value = Value(row.UpdatedAt);
        values[8].Value = Value(row.DeletedAt);
        _upsert.Transaction = _transaction;
        _upsert.ExecuteNonQuery();
    }

    /// <summary>Returns edited rows.</summary>
    /// <param name="condition">Which of them.</param>
    public List<Artifact> Edited(string condition)
    {
        using var command = Command($"SELECT id, type, name, content, metadata, version FROM artifacts WHERE dirty = 1 AND {condition} ORDER BY id");
        using var reader = command.ExecuteReader();
        List<Artifact> rows = [];
        while (reader.Read())
        {
            using var metadata = JsonDocument.Parse(reader.GetString(4));
            rows.Add(new Artifact
            {
                Id = reader.GetString(0),
                Type = reader.GetString(1),
                Name = reader.GetString(2),
                Content = reader.IsDBNull(3) ? null : reader.GetString(3),
                Metadata = metadata.RootElement.Clone(),
                Version = reader.IsDBNull(5) ? null : reader.GetInt64(5),
            });
        }

        return rows;
    }

    /// <summary>Takes over what the server made of rows that were sent.</summary>
    public void Sent(List<Artifact> rows)
    {
        Begin();
        foreach (var row in rows)
        {
            Execute(
                "UPDATE artifacts SET dirty = 0, version = $version, updated_at = $updated_at, owner_id = $owner_id WHERE id = $id",
                ("$version", row.Version!.Value), ("$updated_at", row.UpdatedAt!), ("$owner_id", row.OwnerId!), ("$id", row.Id));
        }

        Commit();
    }

    public void Removed(List<Artifact> rows)
    {
        Begin();
        foreach (var row in rows)
        {
            Execute("DELETE FROM artifacts WHERE id = $id", ("$id", row.Id));
        }

        Commit();
    }

    public void Dispose()
    {
        _upsert.Dispose();
        _connection.Dispose();
    }

    private static object Value(object? value) => value ?? DBNull.Value;

    private void Execute(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = Command(sql);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
        command.Transaction = _transaction;
#pragma warning disable CA2100 // This program's own statements.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }
}
