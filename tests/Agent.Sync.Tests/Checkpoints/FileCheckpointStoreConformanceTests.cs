using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Files;
using Agent.Sync.Tests.Testing;

namespace Agent.Sync.Tests.Checkpoints;

public sealed class FileCheckpointStoreConformanceTests : CheckpointStoreConformanceRunner
{
    protected override CheckpointStoreConformance CreateSuite() => new Suite();

    private sealed class Suite : CheckpointStoreConformance
    {
        private readonly TemporaryDirectory _directory = new();

        public override ValueTask DisposeAsync()
        {
            _directory.Dispose();
            return base.DisposeAsync();
        }

        protected override ValueTask<ICheckpointStore> OpenAsync() => ValueTask.FromResult<ICheckpointStore>(new FileCheckpointStore(_directory.Path));
    }
}
