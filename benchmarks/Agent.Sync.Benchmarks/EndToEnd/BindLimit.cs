using System.Text;
using System.Text.Json;
using Agent.Sync.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>The bare upsert on the same table, from values that are ready: the fastest a store of this schema can be.</summary>
internal sealed class BindLimit
{
    private const int RowsPerTransaction = 10_000;
    private const string Upsert = """
        INSERT INTO "artifacts" ("id","type","name","content","metadata","version","owner_id","updated_at","deleted_at")
        VALUES (?,?,?,?,?,?,?,?,?)
        ON CONFLICT ("id") DO UPDATE SET "type"=excluded."type","name"=excluded."name","content"=excluded."content",
        "metadata"=excluded."metadata","version"=excluded."version","owner_id"=excluded."owner_id",
        "updated_at"=excluded."updated_at","deleted_at"=excluded."deleted_at"
        WHERE excluded."version" > "artifacts"."version"
        """;

    private readonly List<object?[]> _rows = [];

    /// <param name="pages">The pages whose values are made ready before anything is measured.</param>
    public BindLimit(IReadOnlyList<SamplePage> pages)
    {
        foreach (var page in pages)
        {
            using var json = JsonDocument.Parse(page.Json);
            foreach (var row in json.RootElement.EnumerateArray())
            {
                _rows.Add(Ready(row));
            }
        }
    }

    /// <summary>Creates the store's own table in a new file, so that the schema is the same, but without the triggers that would record the rows as edits.</summary>
    public static async Task CreateTableAsync(string file)
    {
        await using var store = new SqliteStore(new SqliteStoreOptions { DatabasePath = file, RecordChanges = false });
        await store.PrepareAsync(SampleRows.Dataset, CancellationToken.None);
    }

    public long Run(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        var database = connection.Handle!;
        Execute(database, "PRAGMA journal_mode=WAL");
        Execute(database, "PRAGMA synchronous=FULL");
        Execute(database, "PRAGMA wal_autocheckpoint=1000");
        Check(database, raw.sqlite3_prepare_v2(database, Upsert, out var statement));
        using (statement)
        {
            for (var start = 0; start < _rows.Count; start += RowsPerTransaction)
            {
                Execute(database, "BEGIN IMMEDIATE");
                foreach (var row in _rows.Skip(start).Take(RowsPerTransaction))
                {
                    Write(database, statement, row);
                }

                Execute(database, "COMMIT");
            }
        }

        return _rows.Count;
    }

    private static object?[] Ready(JsonElement row) =>
    [
        Encoding.UTF8.GetBytes(row.GetProperty("id").GetString()!.ToUpperInvariant()),
        Encoding.UTF8.GetBytes(row.GetProperty("type").GetString()!),
        Encoding.UTF8.GetBytes(row.GetProperty("name").GetString()!),
        Encoding.UTF8.GetBytes(row.GetProperty("content").GetString()!),
        Encoding.UTF8.GetBytes(row.GetProperty("metadata").GetRawText()),
        row.GetProperty("version").GetInt64(),
        Encoding.UTF8.GetBytes(row.GetProperty("owner_id").GetString()!.ToUpperInvariant()),
        Encoding.UTF8.GetBytes(row.GetProperty("updated_at").GetString()!.Replace('T', ' ')),
        null,
    ];

    private static void Write(sqlite3 database, sqlite3_stmt statement, object?[] row)
    {
        for (var column = 0; column < row.Length; column++)
        {
            switch (row[column])
            {
                case byte[] text:
                    raw.sqlite3_bind_text(statement, column + 1, text);
                    break;
                case long number:
                    raw.sqlite3_bind_int64(statement, column + 1, number);
                    break;
                default:
                    raw.sqlite3_bind_null(statement, column + 1);
                    break;
            }
        }

        var result = raw.sqlite3_step(statement);
        if (result != raw.SQLITE_DONE)
        {
            Check(database, result);
        }

        Check(database, raw.sqlite3_reset(statement));
    }

    private static void Execute(sqlite3 database, string sql) => Check(database, raw.sqlite3_exec(database, sql));

    private static void Check(sqlite3 database, int result)
    {
        if (result is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            throw new InvalidOperationException($"SQLite answered {result}: {raw.sqlite3_errmsg(database).utf8_to_string()}");
        }
    }
}
