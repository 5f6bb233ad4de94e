using System.Security.Cryptography;
using Agent.Sync.Checkpoints;
using Agent.Sync.Stores;

namespace Agent.Sync;

/// <summary>Keeps checkpoints for the life of the process, for tests and for syncs that start over with every process.</summary>
/// <remarks>Safe for concurrent use within the process. Nothing is written to disk.</remarks>
public sealed class InMemoryCheckpointStore : ICheckpointStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<CheckpointId, StoredCheckpoint> _checkpoints = [];
    private readonly Dictionary<CheckpointId, LeaseBook> _leases = [];
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <inheritdoc/>
    public ValueTask<StoredCheckpoint?> ReadAsync(CheckpointId slot, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(slot);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return ValueTask.FromResult(_checkpoints.GetValueOrDefault(slot));
        }
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(CheckpointWrite write, CancellationToken cancellationToken)
    {
        CheckpointFailure.RequireSize(write);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            LeaseOf(write.Slot).RequireNewest(write.Fence);
            CheckpointFailure.RequireRevision(_checkpoints.GetValueOrDefault(write.Slot)?.Revision ?? 0, write.ExpectedRevision);
            _checkpoints[write.Slot] = new StoredCheckpoint(write.ExpectedRevision + 1, write.Content.ToArray());
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ClearAsync(CheckpointId slot, Fence fence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(slot);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            LeaseOf(slot).RequireNewest(fence);
            _checkpoints.Remove(slot);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> GetOrCreateKeyAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<ReadOnlyMemory<byte>>(_key.AsSpan().ToArray());
    }

    /// <inheritdoc/>
    public ValueTask<LeaseAnswer> AcquireLeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var (book, answer) = LeaseOf(request.Slot).Acquire(request);
            _leases[request.Slot] = book;
            return ValueTask.FromResult(answer);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> RenewLeaseAsync(CheckpointId slot, Fence fence, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(slot);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return ValueTask.FromResult(Keep(slot, LeaseOf(slot).Renew(fence, expiresAt)));
        }
    }

    /// <inheritdoc/>
    public ValueTask ReleaseLeaseAsync(CheckpointId slot, Fence fence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(slot);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            Keep(slot, LeaseOf(slot).Release(fence));
        }

        return ValueTask.CompletedTask;
    }

    private LeaseBook LeaseOf(CheckpointId slot) => _leases.GetValueOrDefault(slot, LeaseBook.Empty);

    private bool Keep(CheckpointId slot, LeaseBook? book)
    {
        if (book is not null)
        {
            _leases[slot] = book;
        }

        return book is not null;
    }
}
