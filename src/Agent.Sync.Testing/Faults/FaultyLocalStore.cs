using Agent.Sync.Local;

namespace Agent.Sync.Testing.Faults;

/// <summary>A local store whose calls fail, or die, by plan.</summary>
/// <param name="inner">The store that does the work.</param>
/// <param name="plan">The plan. Points: <c>name:before</c> and <c>name:after</c> of every call.</param>
public sealed class FaultyLocalStore(ILocalStore inner, FaultPlan plan) : ILocalStore
{
    /// <inheritdoc/>
    public ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, null, "prepare", () => inner.PrepareAsync(dataset, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, FaultPhase.Apply, "apply", () => inner.ApplyAsync(batch, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(plan, FaultPhase.Apply, "swap", () => inner.SwapGenerationAsync(swap, cancellationToken));
}
