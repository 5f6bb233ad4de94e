using Agent.Sync.Stores;
using Agent.Sync.Testing.Faults;

namespace Agent.Sync.Testing;

/// <summary>A checkpoint store whose calls fail, or die, by plan.</summary>
/// <param name="inner">The store that does the work.</param>
/// <param name="plan">The plan. Points: <c>name:before</c> and <c>name:after</c> of every call.</param>
public sealed class FaultyCheckpointStore(ICheckpointStore inner, FaultPlan plan) : ICheckpointStore
{
    /// <inheritdoc/>
    public ValueTask<StoredCheckpoint?> ReadAsync(CheckpointId slot, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "read", () => inner.ReadAsync(slot, cancellationToken));

    /// <inheritdoc/>
    public ValueTask WriteAsync(CheckpointWrite write, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, FaultPhase.Checkpoint, "checkpoint", () => inner.WriteAsync(write, cancellationToken));

    /// <inheritdoc/>
    public ValueTask ClearAsync(CheckpointId slot, Fence fence, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, FaultPhase.Checkpoint, "clear", () => inner.ClearAsync(slot, fence, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> GetOrCreateKeyAsync(CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "key", () => inner.GetOrCreateKeyAsync(cancellationToken));

    /// <inheritdoc/>
    public ValueTask<LeaseAnswer> AcquireLeaseAsync(LeaseRequest request, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "acquire", () => inner.AcquireLeaseAsync(request, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<bool> RenewLeaseAsync(CheckpointId slot, Fence fence, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "renew", () => inner.RenewLeaseAsync(slot, fence, expiresAt, cancellationToken));

    /// <inheritdoc/>
    public ValueTask ReleaseLeaseAsync(CheckpointId slot, Fence fence, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "release", () => inner.ReleaseLeaseAsync(slot, fence, cancellationToken));
}
