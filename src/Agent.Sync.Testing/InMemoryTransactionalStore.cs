using System.Collections.Concurrent;
using Agent.Sync.Stores;

namespace Agent.Sync.Testing;

/// <summary>A local store in memory that keeps the checkpoint too, and changes both in one step. For tests.</summary>
/// <remarks>Safe for concurrent use. Every call completes at once, on the caller's thread.</remarks>
public sealed class InMemoryTransactionalStore : InMemoryStore, ICheckpointStore
{
    private readonly InMemoryCheckpointStore _checkpoints = new();
    private readonly ConcurrentDictionary<CheckpointId, Fence> _newestFences = new();

    /// <inheritdoc/>
    public ValueTask<StoredCheckpoint?> ReadAsync(CheckpointId checkpoint, CancellationToken cancellationToken) =>
        _checkpoints.ReadAsync(checkpoint, cancellationToken);

    /// <inheritdoc/>
    public ValueTask WriteAsync(CheckpointWrite write, CancellationToken cancellationToken) =>
        _checkpoints.WriteAsync(write, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ClearAsync(CheckpointId checkpoint, Fence fence, CancellationToken cancellationToken) =>
        _checkpoints.ClearAsync(checkpoint, fence, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> GetOrCreateKeyAsync(CancellationToken cancellationToken) =>
        _checkpoints.GetOrCreateKeyAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<LeaseAnswer> AcquireLeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        var answer = await _checkpoints.AcquireLeaseAsync(request, cancellationToken).ConfigureAwait(false);
        if (answer.Fence is { } fence)
        {
            _newestFences[request.Checkpoint] = fence;
        }

        return answer;
    }

    /// <inheritdoc/>
    public ValueTask<bool> RenewLeaseAsync(CheckpointId checkpoint, Fence fence, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        _checkpoints.RenewLeaseAsync(checkpoint, fence, expiresAt, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ReleaseLeaseAsync(CheckpointId checkpoint, Fence fence, CancellationToken cancellationToken) =>
        _checkpoints.ReleaseLeaseAsync(checkpoint, fence, cancellationToken);

    private protected override void Check(CheckpointWrite? checkpoint, string parameter)
    {
    }

    private protected override void Write(CheckpointWrite? checkpoint, CancellationToken cancellationToken)
    {
        if (checkpoint is not null)
        {
            // The in-memory store completes at once, so nothing waits inside the lock.
            _checkpoints.WriteAsync(checkpoint, cancellationToken).AsTask().GetAwaiter().GetResult();
        }
    }

    private protected override void RequireNewest(Dataset dataset, Fence? lease)
    {
        if (lease is not null && (!_newestFences.TryGetValue(CheckpointId.For(dataset), out var newest) || newest != lease))
        {
            throw new SyncStoreException(SyncErrorKind.LeaseLost, "The lease went to another holder, so nothing was written. Sync again when the other holder is done.", isTransient: true);
        }
    }
}
