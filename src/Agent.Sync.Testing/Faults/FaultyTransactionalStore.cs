using Agent.Sync.Stores;

namespace Agent.Sync.Testing;

/// <summary>A store of rows and checkpoints in one whose calls fail, or die, by plan.</summary>
/// <param name="rows">The store that does the work.</param>
/// <param name="checkpoints">The same store.</param>
/// <param name="plan">The plan. Points: <c>name:before</c> and <c>name:after</c> of every call.</param>
public sealed class FaultyTransactionalStore(ILocalStore rows, ICheckpointStore checkpoints, FaultPlan plan) : FaultyStore(rows, plan), ICheckpointStore
{
    private readonly FaultyCheckpointStore _checkpoints = new(checkpoints, plan);

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
    public ValueTask<LeaseAnswer> AcquireLeaseAsync(LeaseRequest request, CancellationToken cancellationToken) =>
        _checkpoints.AcquireLeaseAsync(request, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> RenewLeaseAsync(CheckpointId checkpoint, Fence fence, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        _checkpoints.RenewLeaseAsync(checkpoint, fence, expiresAt, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ReleaseLeaseAsync(CheckpointId checkpoint, Fence fence, CancellationToken cancellationToken) =>
        _checkpoints.ReleaseLeaseAsync(checkpoint, fence, cancellationToken);
}
