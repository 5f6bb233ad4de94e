using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

public sealed class InMemoryLocalStoreTests : LocalStoreConformanceRunner
{
    protected override LocalStoreConformance CreateSuite() => new Suite();

    private sealed class Suite : LocalStoreConformance
    {
        private readonly InMemoryLocalStore _store = new();

        protected override ValueTask<ILocalStore> OpenAsync() => ValueTask.FromResult<ILocalStore>(_store);

        protected override ValueTask<IReadOnlyList<IReadOnlyDictionary<string, string?>>> ReadRowsAsync(ILocalStore store, Dataset dataset) =>
            ValueTask.FromResult(JsonRows.Read(_store.GetRows(dataset.LocalTable), dataset));
    }
}
