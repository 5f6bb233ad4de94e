using Agent.Sync.Stores;

namespace Agent.Sync.Tests.Push;

/// <summary>Hands changes out without the version of their base, as a store does whose rows were pulled before the version's column was there.</summary>
internal sealed class ForgetfulStore(IChangeStore inner) : IChangeStore
{
    public async ValueTask<ChangeBatch> TakeAsync(TakeRequest request, CancellationToken cancellationToken)
    {
        using var batch = await inner.TakeAsync(request, cancellationToken);
        using var builder = new ChangeBatchBuilder();
        foreach (var change in batch.Changes.ToArray())
        {
            builder.Add(change.Id, change.OperationId, change.Kind, change.Columns, change.Key.Span, default, change.Row.Span);
        }

        return builder.Build();
    }

    public ValueTask SettleAsync(SettlementBatch batch, CancellationToken cancellationToken) => inner.SettleAsync(batch, cancellationToken);

    public ValueTask<ChangeCounts> CountChangesAsync(Dataset dataset, CancellationToken cancellationToken) => inner.CountChangesAsync(dataset, cancellationToken);

    public ValueTask<ChangeRows> ReadRowsAsync(Dataset dataset, long change, CancellationToken cancellationToken) =>
        inner.ReadRowsAsync(dataset, change, cancellationToken);

    public ValueTask<IReadOnlyList<LocalChange>> ListChangesAsync(Dataset dataset, ChangeState? state, long after, int limit, CancellationToken cancellationToken) =>
        inner.ListChangesAsync(dataset, state, after, limit, cancellationToken);

    public ValueTask<int> RetryChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken) =>
        inner.RetryChangesAsync(dataset, changes, cancellationToken);

    public ValueTask<int> DiscardChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken) =>
        inner.DiscardChangesAsync(dataset, changes, cancellationToken);

    public ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken) => inner.PrepareAsync(dataset, cancellationToken);

    public ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken) => inner.ApplyAsync(batch, cancellationToken);

    public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken) => inner.SwapGenerationAsync(swap, cancellationToken);
}
