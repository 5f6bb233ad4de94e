using System.Text.Json;
using Agent.Sync.Local;
using Agent.Sync.Testing;
using Agent.Sync.Testing.Conformance;
using Agent.Sync.Testing.Faults;

namespace Agent.Sync.Tests.Testing;

/// <summary>A faulty store without faults is the store it wraps.</summary>
public sealed class FaultyTransactionalStoreChangeTests : ChangeStoreConformanceRunner
{
    protected override ChangeStoreConformance CreateSuite() => new Suite();

    private sealed class Suite : ChangeStoreConformance
    {
        private readonly InMemoryTransactionalStore _inner = new();

        protected override ValueTask<IChangeStore> OpenAsync() =>
            ValueTask.FromResult<IChangeStore>(new FaultyTransactionalStore(_inner, _inner, new FaultPlan(1)));

        protected override ValueTask<IReadOnlyList<IReadOnlyDictionary<string, string?>>> ReadRowsAsync(IChangeStore store, Dataset dataset) =>
            ValueTask.FromResult(JsonRows.Read(_inner.GetRows(dataset.LocalTable), dataset));

        protected override ValueTask InsertAsync(IChangeStore store, Dataset dataset, IReadOnlyDictionary<string, string?> values)
        {
            _inner.Insert(dataset, JsonSerializer.Serialize(values));
            return ValueTask.CompletedTask;
        }

        protected override ValueTask UpdateAsync(IChangeStore store, Dataset dataset, string key, IReadOnlyDictionary<string, string?> values)
        {
            _inner.Update(dataset, JsonSerializer.Serialize(values), key);
            return ValueTask.CompletedTask;
        }

        protected override ValueTask DeleteAsync(IChangeStore store, Dataset dataset, string key)
        {
            _inner.Delete(dataset, key);
            return ValueTask.CompletedTask;
        }

        protected override ValueTask<bool> StopRecordingAsync(IChangeStore store, Dataset dataset)
        {
            _inner.StopRecording(dataset);
            return ValueTask.FromResult(true);
        }
    }
}
