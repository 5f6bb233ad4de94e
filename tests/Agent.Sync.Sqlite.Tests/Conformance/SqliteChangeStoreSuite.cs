using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.Sqlite.Tests.Conformance;

/// <summary>Edits go past the <see cref="SqliteStore"/>, over a connection of the app's own.</summary>
internal sealed class SqliteChangeStoreSuite : ChangeStoreConformance
{
    private readonly StoreFile _file = new();

    public override ValueTask DisposeAsync()
    {
        _file.Dispose();
        return base.DisposeAsync();
    }

    protected override ValueTask<IChangeStore> OpenAsync() => ValueTask.FromResult<IChangeStore>(_file.Open());

    protected override async ValueTask<IReadOnlyList<IReadOnlyDictionary<string, string?>>> ReadRowsAsync(IChangeStore store, Dataset dataset) =>
        await QueryAsync($"SELECT {string.Join(", ", dataset.Columns.Select(static column => $"\"{column.LocalName}\" AS \"{column.Name}\""))} FROM \"{dataset.LocalTable}\"");

    protected override async ValueTask InsertAsync(IChangeStore store, Dataset dataset, IReadOnlyDictionary<string, string?> values) => await QueryAsync(
        $"INSERT INTO \"{dataset.LocalTable}\" ({string.Join(", ", values.Keys.Select(name => Local(dataset, name)))}) VALUES ({string.Join(", ", values.Keys.Select(static name => $"@{name}"))})", values);

    protected override async ValueTask UpdateAsync(IChangeStore store, Dataset dataset, string key, IReadOnlyDictionary<string, string?> values) => await QueryAsync(
        $"UPDATE \"{dataset.LocalTable}\" SET {string.Join(", ", values.Keys.Select(name => $"{Local(dataset, name)} = @{name}"))} WHERE {Key(dataset)} = @key_",
        values.Append(KeyValuePair.Create("key_", (string?)key)));

    protected override async ValueTask DeleteAsync(IChangeStore store, Dataset dataset, string key) =>
        await QueryAsync($"DELETE FROM \"{dataset.LocalTable}\" WHERE {Key(dataset)} = @key_", [KeyValuePair.Create("key_", (string?)key)]);

    protected override async ValueTask<bool> StopRecordingAsync(IChangeStore store, Dataset dataset)
    {
        foreach (var trigger in await QueryAsync($"SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = '{dataset.LocalTable}'"))
        {
            await QueryAsync($"DROP TRIGGER \"{trigger["name"]}\"");
        }

        return true;
    }

    private static string Key(Dataset dataset) => Local(dataset, dataset.Columns[dataset.KeyOrdinals[0]].Name);

    private static string Local(Dataset dataset, string column) => $"\"{dataset.Columns.Single(candidate => candidate.Name == column).LocalName}\"";

    private async Task<List<IReadOnlyDictionary<string, string?>>> QueryAsync(string sql, IEnumerable<KeyValuePair<string, string?>>? values = null)
    {
        await using var connection = new SqliteConnection($"Data Source={_file.Path};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names come from a dataset, which checked them, or from the schema; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in values ?? [])
        {
            command.Parameters.AddWithValue($"@{name}", (object?)value ?? DBNull.Value);
        }

        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<IReadOnlyDictionary<string, string?>>();
        while (await reader.ReadAsync())
        {
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(
                reader.GetName, ordinal => reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal)));
        }

        return rows;
    }
}
