using Agent.Sync.Stores;
using Agent.Sync.Testing.Faults;

namespace Agent.Sync.Testing;

/// <summary>A checkpoint store whose calls fail, or die, by plan.</summary>
/// <param name="inner">The store that does the work.</param>
/// <param name="plan">The plan. Points: <c>name:before</c> and <c>name:after</c> of every call.</param>
public sealed class FaultyCheckpointStore(ICheckpointStore inner, FaultPlan plan) : ICheckpointStore
{
    /// <inheritdoc/>
    public ValueTask<StoredCheckpoint?> ReadAsync(CheckpointId checkpoint, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "read", () => inner.ReadAsync(checkpoint, cancellationToken));

    /// <inheritdoc/>
    public ValueTask WriteAsync(CheckpointWrite write, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, FaultPhase.Checkpoint, "checkpoint", () => inner.WriteAsync(write, cancellationToken));

    /// <inheritdoc/>
    public ValueTask ClearAsync(CheckpointId checkpoint, Fence fence, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, FaultPhase.Checkpoint, "clear", () => inner.ClearAsync(checkpoint, fence, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> GetOrCreateKeyAsync(CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "key", () => inner.GetOrCreateKeyAsync(cancellationToken));

    /// <inheritdoc/>
    public ValueTask<LeaseAnswer> AcquireLeaseAsync(LeaseRequest request, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "acquire", () => inner.AcquireLeaseAsync(request, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<bool> RenewLeaseAsync(CheckpointId checkpoint, Fence fence, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "renew", () => inner.RenewLeaseAsync(checkpoint, fence, expiresAt, cancellationToken));

    /// <inheritdoc/>
    public ValueTask ReleaseLeaseAsync(CheckpointId checkpoint, Fence fence, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "release", () => inner.ReleaseLeaseAsync(checkpoint, fence, cancellationToken));
}
