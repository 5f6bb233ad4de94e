using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agent.Sync.IntegrationTests.Backends;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.IntegrationTests.Devices;

/// <summary>Reads the local table as any app would: with a connection of its own.</summary>
internal static class LocalRows
{
    public static async Task<RowDigest> DigestAsync(string databasePath, Dataset dataset)
    {
        var hashes = new List<string>();
        await foreach (var row in EnumerateAsync(databasePath, dataset))
        {
            hashes.Add(Hash(row));
        }

        hashes.Sort(StringComparer.Ordinal);
        return new RowDigest(hashes.Count, Hash(string.Concat(hashes)));
    }

    public static async Task<IReadOnlyList<string>> ReadAsync(string databasePath, Dataset dataset)
    {
        var rows = new List<string>();
        await foreach (var row in EnumerateAsync(databasePath, dataset))
        {
            rows.Add(row);
        }

        return rows;
    }

    public static async Task<object?> ScalarAsync(string databasePath, string sql)
    {
        await using var connection = await OpenAsync(databasePath);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own statements.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }

    public static async Task<long> CountAsync(string databasePath, string table) =>
        (long)(await ScalarAsync(databasePath, $"select count(*) from \"{table}\""))!;

    public static async Task<SqliteConnection> OpenAsync(string databasePath)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = databasePath, Pooling = false }.ToString());
        await connection.OpenAsync();
        return connection;
    }

    private static async IAsyncEnumerable<string> EnumerateAsync(string databasePath, Dataset dataset)
    {
        await using var connection = await OpenAsync(databasePath);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Identifiers, checked when the dataset was defined.
        command.CommandText = $"select {string.Join(", ", dataset.Columns.Select(static column => $"\"{column.Name}\""))} from \"{dataset.LocalTable}\"";
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            yield return string.Join(ServerRows.Separator, Enumerable.Range(0, reader.FieldCount).Select(ordinal => Text(reader.GetValue(ordinal))));
        }
    }

    private static string Text(object value) => value switch
    {
        DBNull => ServerRows.Null.ToString(),
        string text => text,
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e'),
        byte[] bytes => "\\x" + Convert.ToHexStringLower(bytes),
        _ => throw new InvalidOperationException($"A value of type {value.GetType()} is not expected."),
    };

#pragma warning disable CA5351 // A hash that PostgreSQL has too; nothing is protected by it.
    private static string Hash(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351
}
