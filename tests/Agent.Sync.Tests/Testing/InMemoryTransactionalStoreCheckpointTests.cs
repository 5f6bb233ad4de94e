using Agent.Sync.Stores;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

public sealed class InMemoryTransactionalStoreCheckpointTests : CheckpointStoreConformanceRunner
{
    protected override CheckpointStoreConformance CreateSuite() => new Suite();

    private sealed class Suite : CheckpointStoreConformance
    {
        private readonly InMemoryTransactionalStore _store = new();

        protected override ValueTask<ICheckpointStore> OpenAsync() => ValueTask.FromResult<ICheckpointStore>(_store);
    }
}
