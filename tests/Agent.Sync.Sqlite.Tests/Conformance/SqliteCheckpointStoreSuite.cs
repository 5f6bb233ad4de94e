using Agent.Sync.Stores;
using Agent.Sync.Testing;

namespace Agent.Sync.Sqlite.Tests.Conformance;

/// <summary>Each opening is a <see cref="SqliteStore"/> of its own on one file.</summary>
internal sealed class SqliteCheckpointStoreSuite : CheckpointStoreConformance
{
    private readonly StoreFile _file = new();

    public override ValueTask DisposeAsync()
    {
        _file.Dispose();
        return base.DisposeAsync();
    }

    protected override ValueTask<ICheckpointStore> OpenAsync() => ValueTask.FromResult<ICheckpointStore>(_file.Open());
}
