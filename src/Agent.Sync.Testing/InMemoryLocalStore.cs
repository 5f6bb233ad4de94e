using Agent.Sync.Local;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Testing;

/// <summary>A local store in memory that keeps no checkpoint: rows as the server's JSON text, by key. For tests.</summary>
/// <remarks>Safe for concurrent use. Every call completes at once, on the caller's thread. See <see cref="InMemoryTransactionalStore"/> for one that keeps the checkpoint too.</remarks>
public sealed class InMemoryLocalStore : ILocalStore
{
    private readonly MemoryTables _tables = new();

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
    /// <exception cref="ArgumentException">The batch holds a checkpoint, which this store does not keep.</exception>
    public ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        RequireNone(batch.Checkpoint is not null, nameof(batch));
        cancellationToken.ThrowIfCancellationRequested();
        lock (_tables.Gate)
        {
            var (result, commit) = _tables.Of(batch.Dataset).Stage(batch, cancellationToken);
            commit();
            return ValueTask.FromResult(result);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The swap holds a checkpoint, which this store does not keep.</exception>
    public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(swap);
        RequireNone(swap.Checkpoint is not null, nameof(swap));
        cancellationToken.ThrowIfCancellationRequested();
        lock (_tables.Gate)
        {
            var (result, commit) = _tables.Of(swap.Dataset).Stage(swap);
            if (!result.Refused)
            {
                commit();
            }

            return ValueTask.FromResult(result);
        }
    }

    private static void RequireNone(bool hasCheckpoint, string parameter)
    {
        if (hasCheckpoint)
        {
            throw new ArgumentException("This store keeps no checkpoint; use InMemoryTransactionalStore.", parameter);
        }
    }
}
