using Agent.Sync.Stores;

namespace Agent.Sync.SimulationTests;

/// <summary>One process's hold of the disk: its calls may never return, and every checkpoint it writes is inspected.</summary>
internal sealed class SimulatedStore(SimulatedDisk disk, ProcessFate fate, ISimulationObserver observer) : ILocalStore, ICheckpointStore
{
    public ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken) =>
        new(fate.StoreCallAsync(() => disk.Local.PrepareAsync(dataset, cancellationToken)));

    public async ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken)
    {
        var result = await fate.StoreCallAsync(async () =>
        {
            var applied = await disk.Local.ApplyAsync(batch, cancellationToken);
            observer.Applied(batch, applied);
            return applied;
        }, "apply", disk.IsTogether);
        return result;
    }

    public ValueTask<ApplyPreview?> PreviewAsync(ApplyBatch batch, CancellationToken cancellationToken) =>
        new(fate.StoreCallAsync(() => disk.Local.PreviewAsync(batch, cancellationToken)));

    public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken) =>
        new(fate.StoreCallAsync(async () =>
        {
            var result = await disk.Local.SwapGenerationAsync(swap, cancellationToken);
            observer.Swapped(swap, result);
            return result;
        }));

    public ValueTask<StoredCheckpoint?> ReadAsync(CheckpointId slot, CancellationToken cancellationToken) =>
        new(fate.StoreCallAsync(() => disk.Checkpoints.ReadAsync(slot, cancellationToken)));

    public async ValueTask WriteAsync(CheckpointWrite write, CancellationToken cancellationToken) =>
        await fate.StoreCallAsync(async () =>
        {
            await disk.Checkpoints.WriteAsync(write, cancellationToken);
            observer.Saved(write);
            return true;
        });

    public async ValueTask ClearAsync(CheckpointId slot, Fence fence, CancellationToken cancellationToken) =>
        await fate.StoreCallAsync(async () =>
        {
            await disk.Checkpoints.ClearAsync(slot, fence, cancellationToken);
            return true;
        });

    public ValueTask<ReadOnlyMemory<byte>> GetOrCreateKeyAsync(CancellationToken cancellationToken) =>
        disk.Checkpoints.GetOrCreateKeyAsync(cancellationToken);

    public ValueTask<LeaseAnswer> AcquireLeaseAsync(LeaseRequest request, CancellationToken cancellationToken) =>
        new(fate.StoreCallAsync(() => disk.Checkpoints.AcquireLeaseAsync(request, cancellationToken)));

    public ValueTask<bool> RenewLeaseAsync(CheckpointId slot, Fence fence, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        new(fate.StoreCallAsync(() => disk.Checkpoints.RenewLeaseAsync(slot, fence, expiresAt, cancellationToken)));

    public async ValueTask ReleaseLeaseAsync(CheckpointId slot, Fence fence, CancellationToken cancellationToken) =>
        await fate.StoreCallAsync(async () =>
        {
            await disk.Checkpoints.ReleaseLeaseAsync(slot, fence, cancellationToken);
            return true;
        });
}
