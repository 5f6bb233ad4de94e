using System.Text.Json;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

/// <summary>The cases on an <see cref="InMemoryTransactionalStore"/>, or on what wraps it.</summary>
internal sealed class TransactionalChangeSuite(Func<InMemoryTransactionalStore, IChangeStore> wrap) : ChangeStoreConformance
{
    private readonly InMemoryTransactionalStore _store = new();

    protected override ValueTask<IChangeStore> OpenAsync() => ValueTask.FromResult(wrap(_store));

    protected override ValueTask<IReadOnlyList<IReadOnlyDictionary<string, string?>>> ReadRowsAsync(IChangeStore store, Dataset dataset) =>
        ValueTask.FromResult(JsonRows.Read(_store.GetRows(dataset.LocalTable), dataset));

    protected override ValueTask InsertAsync(IChangeStore store, Dataset dataset, IReadOnlyDictionary<string, string?> values)
    {
        _store.Insert(dataset, JsonSerializer.Serialize(values));
        return ValueTask.CompletedTask;
    }

    protected override ValueTask UpdateAsync(IChangeStore store, Dataset dataset, string key, IReadOnlyDictionary<string, string?> values)
    {
        _store.Update(dataset, JsonSerializer.Serialize(values), key);
        return ValueTask.CompletedTask;
    }

    protected override ValueTask DeleteAsync(IChangeStore store, Dataset dataset, string key)
    {
        _store.Delete(dataset, key);
        return ValueTask.CompletedTask;
    }

    protected override ValueTask<bool> StopRecordingAsync(IChangeStore store, Dataset dataset)
    {
        _store.StopRecording(dataset);
        return ValueTask.FromResult(true);
    }
}
