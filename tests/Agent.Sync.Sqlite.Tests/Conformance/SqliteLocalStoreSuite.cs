using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.Sqlite.Tests.Conformance;

/// <summary>Each opening is a <see cref="SqliteStore"/> of its own on one file.</summary>
internal sealed class SqliteLocalStoreSuite : LocalStoreConformance
{
    private readonly StoreFile _file = new();

    public override ValueTask DisposeAsync()
    {
        _file.Dispose();
        return base.DisposeAsync();
    }

    protected override ValueTask<ILocalStore> OpenAsync() => ValueTask.FromResult<ILocalStore>(_file.Open());

    protected override async ValueTask<IReadOnlyList<IReadOnlyDictionary<string, string?>>> ReadRowsAsync(ILocalStore store, Dataset dataset)
    {
        await using var connection = new SqliteConnection($"Data Source={_file.Path};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A dataset's names are checked identifiers.
        command.CommandText = $"SELECT {string.Join(", ", dataset.Columns.Select(static column => $"\"{column.LocalName}\" AS \"{column.Name}\""))} FROM \"{dataset.LocalTable}\"";
#pragma warning restore CA2100
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
