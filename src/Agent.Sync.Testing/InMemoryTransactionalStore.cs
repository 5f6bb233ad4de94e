using Agent.Sync.Checkpoints;
using Agent.Sync.Local;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Testing;

/// <summary>A local store in memory that keeps the checkpoint too, and changes both in one step. For tests.</summary>
/// <remarks>Safe for concurrent use. Every call completes at once, on the caller's thread.</remarks>
public sealed class InMemoryTransactionalStore : ILocalStore, ICheckpointStore
{
    private readonly MemoryTables _tables = new();
    private readonly InMemoryCheckpointStore _checkpoints = new();

    /// <summary>Returns a table's rows, in key order.</summary>
    /// <param name="localTable">The local table's name.</param>
    /// <returns>One JSON object per row, as the server sent it; empty when there is no such table.</returns>
    public IReadOnlyList<string> GetRows(string localTable) => _tables.GetRows(localTable);

    /// <summary>Finds one row.</summary>
    /// <param name="localTable">The local table's name.</param>
    /// <param name="keyValues">The key's texts, in key order.</param>
    /// <returns>The row's JSON, or null when it is not there.</returns>
    public string? FindRow(string localTable, params string[] keyValues) => _tables.FindRow(localTable, keyValues);

    /// <inheritdoc/>
    public ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_tables.Prepare(dataset));
    }

    /// <inheritdoc/>
    public ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_tables.Gate)
        {
            var (result, commit) = _tables.Of(batch.Dataset).Stage(batch, cancellationToken);
            Write(batch.Checkpoint, cancellationToken);
            commit();
            return ValueTask.FromResult(result);
        }
    }

    /// <inheritdoc/>
    public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(swap);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_tables.Gate)
        {
            var (result, commit) = _tables.Of(swap.Dataset).Stage(swap);
            if (!result.Refused)
            {
                Write(swap.Checkpoint, cancellationToken);
                commit();
            }

            return ValueTask.FromResult(result);
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoredCheckpoint?> ReadAsync(CheckpointSlot slot, CancellationToken cancellationToken) =>
        _checkpoints.ReadAsync(slot, cancellationToken);

    /// <inheritdoc/>
    public ValueTask WriteAsync(CheckpointWrite write, CancellationToken cancellationToken) =>
        _checkpoints.WriteAsync(write, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ClearAsync(CheckpointSlot slot, Fence fence, CancellationToken cancellationToken) =>
        _checkpoints.ClearAsync(slot, fence, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> GetOrCreateKeyAsync(CancellationToken cancellationToken) =>
        _checkpoints.GetOrCreateKeyAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<LeaseAnswer> AcquireLeaseAsync(LeaseRequest request, CancellationToken cancellationToken) =>
        _checkpoints.AcquireLeaseAsync(request, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> RenewLeaseAsync(CheckpointSlot slot, Fence fence, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        _checkpoints.RenewLeaseAsync(slot, fence, expiresAt, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ReleaseLeaseAsync(CheckpointSlot slot, Fence fence, CancellationToken cancellationToken) =>
        _checkpoints.ReleaseLeaseAsync(slot, fence, cancellationToken);

    private void Write(CheckpointWrite? write, CancellationToken cancellationToken)
    {
        if (write is not null)
        {
            // The in-memory store completes at once, so nothing waits inside the lock.
            _checkpoints.WriteAsync(write, cancellationToken).AsTask().GetAwaiter().GetResult();
        }
    }
}
