using Agent.Sync.ShapeTests.Oracles;
using Agent.Sync.ShapeTests.Shapes;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.ShapeTests.Histories;

/// <summary>A device's file as its app sees it: plain SQL on connections of its own, knowing nothing of the sync.</summary>
internal sealed class LocalFile(string path)
{
    public string Path { get; } = path;

    /// <summary>Gets whether the app's edits are made with foreign keys enforced; its migrations are not, like EF Core's.</summary>
    public bool EnforcesForeignKeys { get; init; }

    /// <summary>Gets whether the app's connections let triggers fire each other, and REPLACE fire those for deletes.</summary>
    public bool HasRecursiveTriggers { get; init; }

    /// <summary>Runs statements in one transaction.</summary>
    /// <param name="statements">The statements.</param>
    /// <param name="look">Looks at the tables before and after them, in the same transaction. Null for nothing.</param>
    /// <returns>Null, or what SQLite said when it refused one; then nothing has changed.</returns>
    public async Task<string?> RunAsync(IEnumerable<LocalStatement> statements, Func<SqliteConnection, Task>? look = null)
    {
        await using var connection = await OpenAsync();
        if (look is not null)
        {
            await ExecuteAsync(connection, new LocalStatement($"pragma foreign_keys = {(EnforcesForeignKeys ? 1 : 0)}"));
            await ExecuteAsync(connection, new LocalStatement($"pragma recursive_triggers = {(HasRecursiveTriggers ? 1 : 0)}"));
        }

        try
        {
            await ExecuteAsync(connection, new LocalStatement("begin immediate"));
            if (look is not null)
            {
                await look(connection);
            }

            foreach (var statement in statements)
            {
                await ExecuteAsync(connection, statement);
            }

            if (look is not null)
            {
                await look(connection);
            }

            await ExecuteAsync(connection, new LocalStatement("commit"));
            return null;
        }
        catch (SqliteException exception)
        {
            return exception.Message;
        }
    }

    public async Task<bool> HasTableAsync(ShapeTable table) => (await ColumnsAsync(table)).Count > 0;

    /// <summary>Returns the names of the columns that the table has now; none where there is no table.</summary>
    public async Task<IReadOnlyList<string>> ColumnsAsync(ShapeTable table) =>
        [.. (await QueryAsync($"select name from pragma_table_info('{table.Name}')")).Select(static row => (string)row["name"])];

    /// <summary>Whether the table has the column and lets it be null: docs/local-store.md asks that of every column that is not part of the dataset.</summary>
    public async Task<bool> AllowsNullAsync(ShapeTable table, string column) =>
        (await QueryAsync($"select 1 from pragma_table_info('{table.Name}') where name = '{column}' collate nocase and (\"notnull\" = 0 or dflt_value is not null)")).Count > 0;

    /// <summary>Returns the rows as they stand in the file.</summary>
    public async Task<IReadOnlyList<IReadOnlyDictionary<string, object>>> RawRowsAsync(ShapeTable table) =>
        await HasTableAsync(table) ? await QueryAsync($"select * from \"{table.Name}\"") : [];

    /// <summary>Returns the rows in canonical form, with the columns that the server's table has too.</summary>
    public async Task<IReadOnlyList<Row>> RowsAsync(ShapeTable table)
    {
        await using var connection = await OpenAsync();
        return [.. (await ReadAsync(connection, table)).Select(static read => read.Row)];
    }

    /// <summary>Returns the rows in canonical form and as they stand in the file, on a connection that may have a transaction open.</summary>
    public static async Task<IReadOnlyList<(Row Row, string Text)>> ReadAsync(SqliteConnection connection, ShapeTable table)
    {
        var exists = (await QueryAsync(connection, $"select 1 from pragma_table_info('{table.Name}')")).Count > 0;
        var raws = exists ? await QueryAsync(connection, $"select * from \"{table.Name}\"") : [];
        return [.. raws.Select(raw => (
            new Row(table.Columns.Where(column => raw.ContainsKey(column.LocalName)).Select(column => KeyValuePair.Create(column.Name, Canonical.FromLocal(column.Type, raw[column.LocalName])))),
            string.Join('|', raw.Values.Select(static value => value is byte[] bytes ? Convert.ToHexString(bytes) : value.ToString()))))];
    }

    public async Task<IReadOnlyList<IReadOnlyDictionary<string, object>>> QueryAsync(string sql)
    {
        await using var connection = await OpenAsync();
        return await QueryAsync(connection, sql);
    }

    private static async Task ExecuteAsync(SqliteConnection connection, LocalStatement statement)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The shape's own names, quoted; values are parameters.
        command.CommandText = statement.Sql;
#pragma warning restore CA2100
        for (var index = 0; index < statement.Values.Count; index++)
        {
            command.Parameters.AddWithValue($"$p{index}", statement.Values[index]);
        }

        await command.ExecuteNonQueryAsync();
    }

    private static async Task<IReadOnlyList<IReadOnlyDictionary<string, object>>> QueryAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // As above.
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        List<IReadOnlyDictionary<string, object>> rows = [];
        while (await reader.ReadAsync())
        {
            var row = new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase);
            for (var ordinal = 0; ordinal < reader.FieldCount; ordinal++)
            {
                row[reader.GetName(ordinal)] = reader.GetValue(ordinal);
            }

            rows.Add(row);
        }

        return rows;
    }

    private async Task<SqliteConnection> OpenAsync()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false, ForeignKeys = false }.ToString());
        await connection.OpenAsync();
        return connection;
    }
}
