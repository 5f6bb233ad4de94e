using Agent.Sync.Stores;
using Agent.Sync.Testing.Faults;

namespace Agent.Sync.Testing;

/// <summary>A store of rows and checkpoints in one whose calls fail, or die, by plan.</summary>
/// <param name="rows">The store that does the work.</param>
/// <param name="checkpoints">The same store.</param>
/// <param name="plan">The plan. Points: <c>name:before</c> and <c>name:after</c> of every call.</param>
/// <remarks>It is an <see cref="IChangeStore"/> whatever it wraps: around a store that records no edits it has no changes, and the engine finds nothing to push.</remarks>
public sealed class FaultyTransactionalStore(ILocalStore rows, ICheckpointStore checkpoints, FaultPlan plan) : IChangeStore, ICheckpointStore
{
    private readonly FaultyOutbox _outbox = new(rows, plan);

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
    public ValueTask<long> CountParkedAsync(Dataset dataset, CancellationToken cancellationToken) => rows.CountParkedAsync(dataset, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ParkedRow>> ListParkedAsync(Dataset dataset, long after, int limit, CancellationToken cancellationToken) =>
        rows.ListParkedAsync(dataset, after, limit, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ChangeCounts> CountChangesAsync(Dataset dataset, CancellationToken cancellationToken) =>
        _outbox.CountAsync(dataset, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ChangeBatch> TakeAsync(TakeRequest request, CancellationToken cancellationToken) =>
        _outbox.TakeAsync(request, cancellationToken);

    /// <inheritdoc/>
    public ValueTask SettleAsync(SettlementBatch batch, CancellationToken cancellationToken) =>
        _outbox.SettleAsync(batch, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ChangeImages> ReadImagesAsync(Dataset dataset, long change, CancellationToken cancellationToken) =>
        _outbox.ReadImagesAsync(dataset, change, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LocalChange>> ListChangesAsync(Dataset dataset, ChangeState? state, long after, int limit, CancellationToken cancellationToken) =>
        _outbox.ListAsync(dataset, state, after, limit, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> RetryChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken) =>
        _outbox.RetryAsync(dataset, changes, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> DiscardChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken) =>
        _outbox.DiscardAsync(dataset, changes, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredCheckpoint?> ReadAsync(CheckpointId slot, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "read", () => checkpoints.ReadAsync(slot, cancellationToken));

    /// <inheritdoc/>
    public ValueTask WriteAsync(CheckpointWrite write, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, FaultPhase.Checkpoint, "checkpoint", () => checkpoints.WriteAsync(write, cancellationToken));

    /// <inheritdoc/>
    public ValueTask ClearAsync(CheckpointId slot, Fence fence, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, FaultPhase.Checkpoint, "clear", () => checkpoints.ClearAsync(slot, fence, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> GetOrCreateKeyAsync(CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "key", () => checkpoints.GetOrCreateKeyAsync(cancellationToken));

    /// <inheritdoc/>
    public ValueTask<LeaseAnswer> AcquireLeaseAsync(LeaseRequest request, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "acquire", () => checkpoints.AcquireLeaseAsync(request, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<bool> RenewLeaseAsync(CheckpointId slot, Fence fence, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "renew", () => checkpoints.RenewLeaseAsync(slot, fence, expiresAt, cancellationToken));

    /// <inheritdoc/>
    public ValueTask ReleaseLeaseAsync(CheckpointId slot, Fence fence, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "release", () => checkpoints.ReleaseLeaseAsync(slot, fence, cancellationToken));
}
