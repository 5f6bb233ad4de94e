using System.Text.Json;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Testing;

namespace Agent.Sync.Tests.Docs;

/// <summary>The app that the guide's snippet edits rows with.</summary>
internal sealed class MyApp
{
    private readonly InMemoryLocalStore _store = new();

    public ValueTask<IChangeStore> OpenStoreAsync() => ValueTask.FromResult<IChangeStore>(_store);

    public ValueTask<IReadOnlyList<IReadOnlyDictionary<string, string?>>> ReadAsync(Dataset dataset) =>
        ValueTask.FromResult(JsonRows.Read(_store.GetRows(dataset.LocalTable), dataset));

    public ValueTask InsertAsync(Dataset dataset, IReadOnlyDictionary<string, string?> values)
    {
        _store.Insert(dataset, JsonSerializer.Serialize(values));
        return ValueTask.CompletedTask;
    }

    public ValueTask UpdateAsync(Dataset dataset, string key, IReadOnlyDictionary<string, string?> values)
    {
        _store.Update(dataset, JsonSerializer.Serialize(values), key);
        return ValueTask.CompletedTask;
    }

    public ValueTask DeleteAsync(Dataset dataset, string key)
    {
        _store.Delete(dataset, key);
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> DropTriggersAsync(Dataset dataset)
    {
        _store.StopRecording(dataset);
        return ValueTask.FromResult(true);
    }
}
