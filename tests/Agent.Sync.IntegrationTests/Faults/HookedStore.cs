using Agent.Sync.Sqlite;
using Agent.Sync.Stores;

namespace Agent.Sync.IntegrationTests.Faults;

/// <summary>The SQLite store, with something that happens around its commits.</summary>
internal sealed class HookedStore(SqliteStore inner) : IChangeStore, ICheckpointStore, IAsyncDisposable
{
    /// <summary>Gets or sets what happens after a commit.</summary>
    public Func<ApplyBatch, Task>? AfterApply { get; set; }

    public ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken) => inner.PrepareAsync(dataset, cancellationToken);

    public async ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken)
    {
        var result = await inner.ApplyAsync(batch, cancellationToken);
        if (AfterApply is not null)
        {
            await AfterApply(batch);
        }

        return result;
    }

    public ValueTask<ApplyPreview?> PreviewAsync(ApplyBatch batch, CancellationToken cancellationToken) => inner.PreviewAsync(batch, cancellationToken);

    public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken) =>
        inner.SwapGenerationAsync(swap, cancellationToken);

    public ValueTask<long> CountParkedAsync(Dataset dataset, CancellationToken cancellationToken) => inner.CountParkedAsync(dataset, cancellationToken);

    public ValueTask<IReadOnlyList<ParkedRow>> ListParkedAsync(Dataset dataset, long after, int limit, CancellationToken cancellationToken) =>
        inner.ListParkedAsync(dataset, after, limit, cancellationToken);

    public ValueTask<KeptRows> ReadKeptRowsAsync(KeptRowsRequest request, CancellationToken cancellationToken) => inner.ReadKeptRowsAsync(request, cancellationToken);

    public ValueTask<IReadOnlyList<KeptRow>> FindKeptRowsAsync(Dataset dataset, IReadOnlyList<int> columns, Page keys, CancellationToken cancellationToken) =>
        inner.FindKeptRowsAsync(dataset, columns, keys, cancellationToken);

    public ValueTask<long> RemoveRowsAsync(RowRemoval removal, CancellationToken cancellationToken) => inner.RemoveRowsAsync(removal, cancellationToken);

    public ValueTask<ChangeCounts> CountChangesAsync(Dataset dataset, CancellationToken cancellationToken) => inner.CountChangesAsync(dataset, cancellationToken);

    public ValueTask<ChangeBatch> TakeAsync(TakeRequest request, CancellationToken cancellationToken) => inner.TakeAsync(request, cancellationToken);

    public ValueTask SettleAsync(SettlementBatch batch, CancellationToken cancellationToken) => inner.SettleAsync(batch, cancellationToken);

    public ValueTask<ChangeRows> ReadRowsAsync(Dataset dataset, long change, CancellationToken cancellationToken) =>
        inner.ReadRowsAsync(dataset, change, cancellationToken);

    public ValueTask<IReadOnlyList<LocalChange>> ListChangesAsync(
        Dataset dataset, ChangeState? state, long after, int limit, CancellationToken cancellationToken) =>
        inner.ListChangesAsync(dataset, state, after, limit, cancellationToken);

    public ValueTask<int> RetryChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken) =>
        inner.RetryChangesAsync(dataset, changes, cancellationToken);

    public ValueTask<int> DiscardChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken) =>
        inner.DiscardChangesAsync(dataset, changes, cancellationToken);

    public ValueTask<StoredRow?> FindRowAsync(Dataset dataset, string key, CancellationToken cancellationToken) => inner.FindRowAsync(dataset, key, cancellationToken);

    public ValueTask<IReadOnlyList<Finding>> DiagnoseAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellationToken) => inner.DiagnoseAsync(datasets, cancellationToken);

    public ValueTask<StoredCheckpoint?> ReadAsync(CheckpointId slot, CancellationToken cancellationToken) => inner.ReadAsync(slot, cancellationToken);

    public ValueTask WriteAsync(CheckpointWrite write, CancellationToken cancellationToken) => inner.WriteAsync(write, cancellationToken);

    public ValueTask ClearAsync(CheckpointId slot, Fence fence, CancellationToken cancellationToken) => inner.ClearAsync(slot, fence, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>> GetOrCreateKeyAsync(CancellationToken cancellationToken) => inner.GetOrCreateKeyAsync(cancellationToken);

    public ValueTask<LeaseAnswer> AcquireLeaseAsync(LeaseRequest request, CancellationToken cancellationToken) =>
        inner.AcquireLeaseAsync(request, cancellationToken);

    public ValueTask<bool> RenewLeaseAsync(CheckpointId slot, Fence fence, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        inner.RenewLeaseAsync(slot, fence, expiresAt, cancellationToken);

    public ValueTask ReleaseLeaseAsync(CheckpointId slot, Fence fence, CancellationToken cancellationToken) =>
        inner.ReleaseLeaseAsync(slot, fence, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
