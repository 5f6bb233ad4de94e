using Agent.Sync.Stores;

namespace Agent.Sync.SimulationTests;

/// <summary>One process's hold of the disk and its outbox: its calls may never return.</summary>
internal sealed class SimulatedChangeStore(SimulatedDisk disk, ProcessFate fate, IChangeObserver observer) : IChangeStore, ICheckpointStore
{
    private readonly SimulatedStore _rows = new(disk, fate, observer);

    public ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken) => _rows.PrepareAsync(dataset, cancellationToken);

    public ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken) => _rows.ApplyAsync(batch, cancellationToken);

    public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken) =>
        _rows.SwapGenerationAsync(swap, cancellationToken);

    public ValueTask<ChangeCounts> CountChangesAsync(Dataset dataset, CancellationToken cancellationToken) =>
        new(fate.StoreCallAsync(() => disk.Local.CountChangesAsync(dataset, cancellationToken)));

    public ValueTask<ChangeBatch> TakeAsync(TakeRequest request, CancellationToken cancellationToken) => new(fate.StoreCallAsync(
        async () =>
        {
            var changes = await disk.Local.TakeAsync(request, cancellationToken);
            observer.Taken(request, changes);
            return changes;
        },
        "take"));

    public async ValueTask SettleAsync(SettlementBatch batch, CancellationToken cancellationToken) => await fate.StoreCallAsync(
        async () =>
        {
            await disk.Local.SettleAsync(batch, cancellationToken);
            observer.Settled(batch);
            return true;
        },
        "settle");

    public ValueTask<ChangeRows> ReadRowsAsync(Dataset dataset, long change, CancellationToken cancellationToken) =>
        new(fate.StoreCallAsync(() => disk.Local.ReadRowsAsync(dataset, change, cancellationToken)));

    public ValueTask<IReadOnlyList<LocalChange>> ListChangesAsync(Dataset dataset, ChangeState? state, long after, int limit, CancellationToken cancellationToken) =>
        new(fate.StoreCallAsync(() => disk.Local.ListChangesAsync(dataset, state, after, limit, cancellationToken)));

    public ValueTask<int> RetryChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken) =>
        new(fate.StoreCallAsync(() => disk.Local.RetryChangesAsync(dataset, changes, cancellationToken)));

    public ValueTask<int> DiscardChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken) =>
        new(fate.StoreCallAsync(() => disk.Local.DiscardChangesAsync(dataset, changes, cancellationToken)));

    public ValueTask<StoredCheckpoint?> ReadAsync(CheckpointId slot, CancellationToken cancellationToken) => _rows.ReadAsync(slot, cancellationToken);

    public ValueTask WriteAsync(CheckpointWrite write, CancellationToken cancellationToken) => _rows.WriteAsync(write, cancellationToken);

    public ValueTask ClearAsync(CheckpointId slot, Fence fence, CancellationToken cancellationToken) => _rows.ClearAsync(slot, fence, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>> GetOrCreateKeyAsync(CancellationToken cancellationToken) => _rows.GetOrCreateKeyAsync(cancellationToken);

    public ValueTask<LeaseAnswer> AcquireLeaseAsync(LeaseRequest request, CancellationToken cancellationToken) => _rows.AcquireLeaseAsync(request, cancellationToken);

    public ValueTask<bool> RenewLeaseAsync(CheckpointId slot, Fence fence, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        _rows.RenewLeaseAsync(slot, fence, expiresAt, cancellationToken);

    public ValueTask ReleaseLeaseAsync(CheckpointId slot, Fence fence, CancellationToken cancellationToken) => _rows.ReleaseLeaseAsync(slot, fence, cancellationToken);
}
