using Agent.Sync.Checkpoints;
using Agent.Sync.Stores;

namespace Agent.Sync.Runs;

/// <summary>Reads and writes one dataset's checkpoint for one run, under its lease.</summary>
internal sealed class CheckpointKeeper
{
    private readonly ICheckpointStore _store;
    private readonly ContentSeal _seal;
    private readonly CheckpointId _id;
    private readonly string _dataset;
    private readonly TimeProvider _time;
    private readonly Fence _fence;

    public CheckpointKeeper(ICheckpointStore store, ContentSeal seal, Dataset dataset, TimeProvider time, Fence fence)
    {
        _store = store;
        _seal = seal;
        _id = CheckpointId.For(dataset);
        _dataset = dataset.Name;
        _time = time;
        _fence = fence;
    }

    public long Revision { get; private set; }

    /// <exception cref="SyncProtocolException">The checkpoint is damaged, not ours, or too new.</exception>
    public async ValueTask<CheckpointState?> ReadAsync(CancellationToken cancellationToken)
    {
        var stored = await _store.ReadAsync(_id, cancellationToken).ConfigureAwait(false);
        Revision = stored?.Revision ?? 0;
        return stored is null ? null : CheckpointCodec.Read(_seal, _id, _dataset, stored.Content);
    }

    /// <summary>Applies rows and checkpoint: in one transaction where the local store keeps it, else rows first.</summary>
    public async ValueTask<ApplyResult> ApplyAsync(ILocalStore local, ApplyBatch batch, CheckpointState state)
    {
        var write = Prepare(state);

        // An apply is short and whole: it is not cancelled half-way, so a cancelled run ends after a commit.
        if (ReferenceEquals(local, _store))
        {
            var result = await local.ApplyAsync(batch with { Checkpoint = write }, CancellationToken.None).ConfigureAwait(false);
            Revision++;
            return result;
        }

        var applied = batch.Pages.Count == 0
            ? default
            : await local.ApplyAsync(batch, CancellationToken.None).ConfigureAwait(false);
        await WriteAsync(write).ConfigureAwait(false);
        return applied;
    }

    /// <summary>Ends a resync, with the same order of rows and checkpoint.</summary>
    public async ValueTask<SwapResult> SwapAsync(ILocalStore local, GenerationSwap swap, CheckpointState state)
    {
        var write = Prepare(state);
        var together = ReferenceEquals(local, _store);
        var result = await local.SwapGenerationAsync(together ? swap with { Checkpoint = write } : swap, CancellationToken.None)
            .ConfigureAwait(false);
        if (result.Refused)
        {
            return result;
        }

        if (together)
        {
            Revision++;
        }
        else
        {
            await WriteAsync(write).ConfigureAwait(false);
        }

        return result;
    }

    /// <summary>Removes rows under the lease. The checkpoint stays as it is: writing it shows that the lease is still held.</summary>
    public async ValueTask<long> RemoveAsync(ILocalStore local, RowRemoval removal, CheckpointState state)
    {
        var write = Prepare(state);
        if (ReferenceEquals(local, _store))
        {
            var removed = await local.RemoveRowsAsync(removal with { Checkpoint = write }, CancellationToken.None).ConfigureAwait(false);
            Revision++;
            return removed;
        }

        await WriteAsync(write).ConfigureAwait(false);
        return await local.RemoveRowsAsync(removal, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Keeps of a checkpoint only whose rows the local ones are.</summary>
    public ValueTask ForgetPositionAsync(CheckpointState state) => WriteAsync(Prepare(new CheckpointState
    {
        Scope = state.Scope,
        Columns = state.Columns,
        StoreId = state.StoreId,
        Phase = SyncPhase.NotStarted,
        Ranges = [],
    }));

    private async ValueTask WriteAsync(CheckpointWrite write)
    {
        await _store.WriteAsync(write, CancellationToken.None).ConfigureAwait(false);
        Revision++;
    }

    private CheckpointWrite Prepare(CheckpointState state) => new(
        _id, CheckpointCodec.Write(_seal, _id, state with { SavedAt = _time.GetUtcNow() }), Revision, _fence);
}
