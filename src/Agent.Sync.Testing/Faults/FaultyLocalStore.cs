using Agent.Sync.Stores;
using Agent.Sync.Testing.Faults;

namespace Agent.Sync.Testing;

/// <summary>A local store whose calls fail, or die, by plan.</summary>
/// <param name="inner">The store that does the work.</param>
/// <param name="plan">The plan. Points: <c>name:before</c> and <c>name:after</c> of every call.</param>
/// <remarks>It is an <see cref="IChangeStore"/> whatever it wraps: around a store that records no edits it has no changes, and the engine finds nothing to push.</remarks>
public sealed class FaultyLocalStore(ILocalStore inner, FaultPlan plan) : IChangeStore
{
    private readonly FaultyOutbox _outbox = new(inner, plan);

    /// <inheritdoc/>
    public ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "prepare", () => inner.PrepareAsync(dataset, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, FaultPhase.Apply, "apply", () => inner.ApplyAsync(batch, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, FaultPhase.Apply, "swap", () => inner.SwapGenerationAsync(swap, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<long> CountParkedAsync(Dataset dataset, CancellationToken cancellationToken) => inner.CountParkedAsync(dataset, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ParkedRow>> ListParkedAsync(Dataset dataset, long after, int limit, CancellationToken cancellationToken) =>
        inner.ListParkedAsync(dataset, after, limit, cancellationToken);

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
}
