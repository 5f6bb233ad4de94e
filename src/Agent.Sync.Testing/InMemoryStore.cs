using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Testing;

/// <summary>What the stores in memory share: rows as the server's JSON text, by key, and an outbox of the app's edits. For tests.</summary>
/// <remarks>Safe for concurrent use. Every call completes at once, on the caller's thread.</remarks>
public abstract class InMemoryStore : IChangeStore
{
    private readonly MemoryTables _tables = new();

    private protected InMemoryStore()
    {
    }

    /// <summary>Returns a table's rows, in key order.</summary>
    /// <param name="localTable">The local table's name.</param>
    /// <returns>One JSON object per row, as the server sent it; empty when there is no such table.</returns>
    public IReadOnlyList<string> GetRows(string localTable) => _tables.GetRows(localTable);

    /// <summary>Finds one row.</summary>
    /// <param name="localTable">The local table's name.</param>
    /// <param name="keyValues">The key's texts, in key order.</param>
    /// <returns>The row's JSON, or null when it is not there.</returns>
    public string? FindRow(string localTable, params string[] keyValues) => _tables.FindRow(localTable, keyValues);

    /// <summary>Inserts a row as the app does: recorded as a change to be pushed.</summary>
    /// <param name="dataset">The dataset, prepared.</param>
    /// <param name="json">A JSON object with the key and any other columns; those that are missing are null.</param>
    /// <exception cref="ArgumentException">The key is there already or missing, or a column is unknown.</exception>
    public void Insert(Dataset dataset, string json) => Edit(dataset, table => AppEdits.Insert(table, dataset, json));

    /// <summary>Updates a row as the app does: recorded as a change to be pushed.</summary>
    /// <param name="dataset">The dataset, prepared.</param>
    /// <param name="json">A JSON object with the columns to change. Another key deletes the row and inserts it under that key.</param>
    /// <param name="keyValues">The key's texts, in key order.</param>
    /// <exception cref="ArgumentException">There is no such row, or a column is unknown.</exception>
    public void Update(Dataset dataset, string json, params string[] keyValues) => Edit(dataset, table => AppEdits.Update(table, dataset, json, keyValues));

    /// <summary>Deletes a row as the app does: recorded as a change to be pushed.</summary>
    /// <param name="dataset">The dataset, prepared.</param>
    /// <param name="keyValues">The key's texts, in key order.</param>
    /// <exception cref="ArgumentException">There is no such row.</exception>
    public void Delete(Dataset dataset, params string[] keyValues) => Edit(dataset, table => AppEdits.Delete(table, dataset, keyValues));

    /// <summary>Lets the app's edits go unrecorded until the next <see cref="PrepareAsync"/>, as when a migration drops the triggers of a real store.</summary>
    /// <param name="dataset">The dataset, prepared.</param>
    public void StopRecording(Dataset dataset) => Edit(dataset, static table => table.IsRecording = false);

    /// <inheritdoc/>
    public ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_tables.Prepare(dataset));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The batch holds a checkpoint, and the store keeps none.</exception>
    public ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Check(batch.Checkpoint, nameof(batch));
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_tables.Change(batch.Dataset, table =>
        {
            var result = PulledRows.Apply(table, batch, cancellationToken);
            Write(batch.Checkpoint, cancellationToken);
            return result;
        }));
    }

    /// <inheritdoc/>
    public ValueTask<ApplyPreview?> PreviewAsync(ApplyBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<ApplyPreview?>(_tables.Preview(batch, cancellationToken));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The swap holds a checkpoint, and the store keeps none.</exception>
    public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(swap);
        Check(swap.Checkpoint, nameof(swap));
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_tables.Change(swap.Dataset, table => Swap(table, swap, cancellationToken), static result => !result.Refused));
    }

    /// <inheritdoc/>
    public ValueTask<ChangeCounts> CountChangesAsync(Dataset dataset, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_tables.Count(dataset));
    }

    /// <inheritdoc/>
    public ValueTask<ChangeBatch> TakeAsync(TakeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_tables.Change(request.Dataset, table =>
        {
            RequireNewest(request.Dataset, request.Lease);
            return Outbox.Take(table, request);
        }));
    }

    /// <inheritdoc/>
    public ValueTask SettleAsync(SettlementBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        Edit(batch.Dataset, table =>
        {
            RequireNewest(batch.Dataset, batch.Lease);
            Settling.Settle(table, batch);
        });
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<ChangeRows> ReadRowsAsync(Dataset dataset, long change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_tables.Read(dataset, table => ChangeDesk.Images(table, dataset, change)));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LocalChange>> ListChangesAsync(Dataset dataset, ChangeState? state, long after, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_tables.Read(dataset, table => ChangeDesk.List(table, dataset, state, after, limit)));
    }

    /// <inheritdoc/>
    public ValueTask<int> RetryChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_tables.Change(dataset, table => ChangeDesk.Retry(table, changes)));
    }

    /// <inheritdoc/>
    public ValueTask<int> DiscardChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_tables.Change(dataset, table => ChangeDesk.Discard(table, dataset, changes)));
    }

    /// <inheritdoc/>
    public ValueTask<StoredRow?> FindRowAsync(Dataset dataset, string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<StoredRow?>(_tables.Find(dataset, key));
    }

    /// <inheritdoc/>
    public ValueTask<KeptRows> ReadKeptRowsAsync(KeptRowsRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_tables.Read(request.Dataset, table => KeptMemoryRows.Read(table, request)));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<KeptRow>> FindKeptRowsAsync(Dataset dataset, IReadOnlyList<int> columns, Page keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_tables.Read(dataset, table => KeptMemoryRows.Find(table, keys)));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The removal holds a checkpoint, and the store keeps none.</exception>
    public ValueTask<long> RemoveRowsAsync(RowRemoval removal, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(removal);
        Check(removal.Checkpoint, nameof(removal));
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_tables.Change(removal.Dataset, table =>
        {
            var removed = KeptMemoryRows.Remove(table, removal.Keys);
            Write(removal.Checkpoint, cancellationToken);
            return removed;
        }));
    }

    /// <summary>Gets or sets what the store holds, as a copy of its file would.</summary>
    internal IReadOnlyDictionary<string, MemoryTable> Content
    {
        get => _tables.Content;
        set => _tables.Content = value;
    }

    /// <summary>Refuses a checkpoint that the store does not keep.</summary>
    private protected abstract void Check(CheckpointWrite? checkpoint, string parameter);

    /// <summary>Writes a checkpoint in the same step as the rows.</summary>
    private protected abstract void Write(CheckpointWrite? checkpoint, CancellationToken cancellationToken);

    /// <summary>Refuses a lease that is not the newest, where the store keeps leases.</summary>
    private protected abstract void RequireNewest(Dataset dataset, Fence? lease);

    private SwapResult Swap(MemoryTable table, GenerationSwap swap, CancellationToken cancellationToken)
    {
        var result = PulledRows.Swap(table, swap);
        if (!result.Refused)
        {
            Write(swap.Checkpoint, cancellationToken);
        }

        return result;
    }

    private void Edit(Dataset dataset, Action<MemoryTable> edit) => _tables.Change(dataset, table =>
    {
        edit(table);
        return true;
    });
}
