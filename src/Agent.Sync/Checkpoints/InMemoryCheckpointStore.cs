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
    public ValueTask<StoredCheckpoint?> ReadAsync(CheckpointId checkpoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return ValueTask.FromResult(_checkpoints.GetValueOrDefault(checkpoint));
        }
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(CheckpointWrite write, CancellationToken cancellationToken)
    {
        CheckpointFailure.RequireSize(write);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            LeaseOf(write.Checkpoint).RequireNewest(write.Fence);
            CheckpointFailure.RequireRevision(_checkpoints.GetValueOrDefault(write.Checkpoint)?.Revision ?? 0, write.ExpectedRevision);
            _checkpoints[write.Checkpoint] = new StoredCheckpoint(write.ExpectedRevision + 1, write.Content.ToArray());
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ClearAsync(CheckpointId checkpoint, Fence fence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            LeaseOf(checkpoint).RequireNewest(fence);
            _checkpoints.Remove(checkpoint);
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
            var (book, answer) = LeaseOf(request.Checkpoint).Acquire(request);
            _leases[request.Checkpoint] = book;
            return ValueTask.FromResult(answer);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> RenewLeaseAsync(CheckpointId checkpoint, Fence fence, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return ValueTask.FromResult(Keep(checkpoint, LeaseOf(checkpoint).Renew(fence, expiresAt)));
        }
    }

    /// <inheritdoc/>
    public ValueTask ReleaseLeaseAsync(CheckpointId checkpoint, Fence fence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            Keep(checkpoint, LeaseOf(checkpoint).Release(fence));
        }

        return ValueTask.CompletedTask;
    }

    private LeaseBook LeaseOf(CheckpointId checkpoint) => _leases.GetValueOrDefault(checkpoint, LeaseBook.Empty);

    private bool Keep(CheckpointId checkpoint, LeaseBook? book)
    {
        if (book is not null)
        {
            _leases[checkpoint] = book;
        }

        return book is not null;
    }
}
