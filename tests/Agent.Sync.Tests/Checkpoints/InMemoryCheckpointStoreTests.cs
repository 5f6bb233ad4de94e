using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Testing;

namespace Agent.Sync.Tests.Checkpoints;

public sealed class InMemoryCheckpointStoreTests : CheckpointStoreConformanceRunner
{
    protected override CheckpointStoreConformance CreateSuite() => new Suite();

    private sealed class Suite : CheckpointStoreConformance
    {
        private readonly InMemoryCheckpointStore _store = new();

        protected override ValueTask<ICheckpointStore> OpenAsync() => ValueTask.FromResult<ICheckpointStore>(_store);
    }
}
