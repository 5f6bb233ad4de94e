using Agent.Sync.Stores;

namespace Agent.Sync.Testing;

/// <summary>A local store in memory that keeps no checkpoint. For tests.</summary>
/// <remarks>Safe for concurrent use. See <see cref="InMemoryTransactionalStore"/> for one that keeps the checkpoint too.</remarks>
public sealed class InMemoryLocalStore : InMemoryStore
{
    private protected override void Check(CheckpointWrite? checkpoint, string parameter)
    {
        if (checkpoint is not null)
        {
            throw new ArgumentException("This store keeps no checkpoint; use InMemoryTransactionalStore.", parameter);
        }
    }

    private protected override void Write(CheckpointWrite? checkpoint, CancellationToken cancellationToken)
    {
    }

    private protected override void RequireNewest(Dataset dataset, Fence? lease)
    {
    }
}
