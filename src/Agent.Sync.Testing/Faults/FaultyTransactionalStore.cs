using Agent.Sync.Checkpoints;
using Agent.Sync.Local;

namespace Agent.Sync.Testing.Faults;

/// <summary>A store of rows and checkpoints in one whose calls fail, or die, by plan.</summary>
/// <param name="rows">The store that does the work.</param>
/// <param name="checkpoints">The same store.</param>
/// <param name="plan">The plan. Points: <c>name:before</c> and <c>name:after</c> of every call.</param>
public sealed class FaultyTransactionalStore(ILocalStore rows, ICheckpointStore checkpoints, FaultPlan plan) : ILocalStore, ICheckpointStore
{
    /// <inheritdoc/>
    public ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "prepare", () => rows.PrepareAsync(dataset, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, FaultPhase.Apply, "apply", () => rows.ApplyAsync(batch, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, FaultPhase.Apply, "swap", () => rows.SwapGenerationAsync(swap, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<StoredCheckpoint?> ReadAsync(CheckpointSlot slot, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "read", () => checkpoints.ReadAsync(slot, cancellationToken));

    /// <inheritdoc/>
    public ValueTask WriteAsync(CheckpointWrite write, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, FaultPhase.Checkpoint, "checkpoint", () => checkpoints.WriteAsync(write, cancellationToken));

    /// <inheritdoc/>
    public ValueTask ClearAsync(CheckpointSlot slot, Fence fence, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, FaultPhase.Checkpoint, "clear", () => checkpoints.ClearAsync(slot, fence, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> GetOrCreateKeyAsync(CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "key", () => checkpoints.GetOrCreateKeyAsync(cancellationToken));

    /// <inheritdoc/>
    public ValueTask<LeaseAnswer> AcquireLeaseAsync(LeaseRequest request, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "acquire", () => checkpoints.AcquireLeaseAsync(request, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<bool> RenewLeaseAsync(CheckpointSlot slot, Fence fence, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "renew", () => checkpoints.RenewLeaseAsync(slot, fence, expiresAt, cancellationToken));

    /// <inheritdoc/>
    public ValueTask ReleaseLeaseAsync(CheckpointSlot slot, Fence fence, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "release", () => checkpoints.ReleaseLeaseAsync(slot, fence, cancellationToken));
}
