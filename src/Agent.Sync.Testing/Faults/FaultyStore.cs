using Agent.Sync.Stores;
using Agent.Sync.Testing.Faults;

namespace Agent.Sync.Testing;

/// <summary>What the stores share whose calls fail, or die, by plan.</summary>
/// <remarks>It is an <see cref="IChangeStore"/> whatever it wraps: around a store that records no edits it has no changes, and the engine finds nothing to push.</remarks>
public abstract class FaultyStore : IChangeStore
{
    private readonly ILocalStore _inner;
    private readonly FaultPlan _plan;
    private readonly FaultyOutbox _outbox;

    private protected FaultyStore(ILocalStore inner, FaultPlan plan)
    {
        _inner = inner;
        _plan = plan;
        _outbox = new FaultyOutbox(inner, plan);
    }

    /// <inheritdoc/>
    public ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(_plan, null, "prepare", () => _inner.PrepareAsync(dataset, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(_plan, FaultPhase.Apply, "apply", () => _inner.ApplyAsync(batch, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ApplyPreview?> PreviewAsync(ApplyBatch batch, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(_plan, null, "preview", () => _inner.PreviewAsync(batch, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(_plan, FaultPhase.Apply, "swap", () => _inner.SwapGenerationAsync(swap, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<long> CountParkedAsync(Dataset dataset, CancellationToken cancellationToken) => _inner.CountParkedAsync(dataset, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ParkedRow>> ListParkedAsync(Dataset dataset, long after, int limit, CancellationToken cancellationToken) =>
        _inner.ListParkedAsync(dataset, after, limit, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredRow?> FindRowAsync(Dataset dataset, string key, CancellationToken cancellationToken) => _inner.FindRowAsync(dataset, key, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Finding>> DiagnoseAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellationToken) => _inner.DiagnoseAsync(datasets, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<KeptRows> ReadKeptRowsAsync(KeptRowsRequest request, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(_plan, null, "read rows", () => _inner.ReadKeptRowsAsync(request, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<KeptRow>> FindKeptRowsAsync(Dataset dataset, IReadOnlyList<int> columns, Page keys, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(_plan, null, "find rows", () => _inner.FindKeptRowsAsync(dataset, columns, keys, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<long> RemoveRowsAsync(RowRemoval removal, CancellationToken cancellationToken) =>
        FaultGate.RunAsync(_plan, FaultPhase.Apply, "remove rows", () => _inner.RemoveRowsAsync(removal, cancellationToken));

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
    public ValueTask<ChangeRows> ReadRowsAsync(Dataset dataset, long change, CancellationToken cancellationToken) =>
        _outbox.ReadRowsAsync(dataset, change, cancellationToken);

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
