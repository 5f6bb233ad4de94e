using Agent.Sync.Stores;

namespace Agent.Sync.Testing.Faults;

/// <summary>The changes of a store whose calls fail, or die, by plan. A store that records none has none here either.</summary>
internal sealed class FaultyOutbox(ILocalStore inner, FaultPlan plan)
{
    private readonly IChangeStore? _inner = inner as IChangeStore;

    public ValueTask<ChangeCounts> CountAsync(Dataset dataset, CancellationToken cancellationToken) =>
        RunAsync("count", store => store.CountChangesAsync(dataset, cancellationToken), default);

    public async ValueTask<ChangeBatch> TakeAsync(TakeRequest request, CancellationToken cancellationToken)
    {
        using var none = new ChangeBatchBuilder();
        return _inner is null
            ? none.Build()
            : await FaultGate.RunAsync(plan, FaultPhase.Take, "take", () => _inner.TakeAsync(request, cancellationToken)).ConfigureAwait(false);
    }

    public ValueTask SettleAsync(SettlementBatch batch, CancellationToken cancellationToken) => _inner is null
        ? ValueTask.CompletedTask
        : FaultGate.RunAsync(plan, FaultPhase.Settle, "settle", () => _inner.SettleAsync(batch, cancellationToken));

    public ValueTask<ChangeRows> ReadRowsAsync(Dataset dataset, long change, CancellationToken cancellationToken) =>
        RunAsync("images", store => store.ReadRowsAsync(dataset, change, cancellationToken), new ChangeRows(change, default, default));

    public ValueTask<IReadOnlyList<LocalChange>> ListAsync(Dataset dataset, ChangeState? state, long after, int limit, CancellationToken cancellationToken) =>
        RunAsync("list", store => store.ListChangesAsync(dataset, state, after, limit, cancellationToken), []);

    public ValueTask<int> RetryAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken) =>
        RunAsync("retry", store => store.RetryChangesAsync(dataset, changes, cancellationToken), 0);

    public ValueTask<int> DiscardAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken) =>
        RunAsync("discard", store => store.DiscardChangesAsync(dataset, changes, cancellationToken), 0);

    private ValueTask<T> RunAsync<T>(string point, Func<IChangeStore, ValueTask<T>> call, T none) =>
        _inner is null ? ValueTask.FromResult(none) : FaultGate.RunAsync(plan, null, point, () => call(_inner));
}
