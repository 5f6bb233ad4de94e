using Agent.Sync.Stores;

namespace Agent.Sync.Testing.Local;

/// <summary>The tables of an in-memory store, under one lock.</summary>
internal sealed class MemoryTables
{
    private readonly Lock _gate = new();
    private Dictionary<string, MemoryTable> _tables = new(StringComparer.OrdinalIgnoreCase);
    private readonly Guid _storeId = Guid.NewGuid();

    /// <summary>Gets or sets the tables. A table is never changed, so those that were got stay as they are.</summary>
    public IReadOnlyDictionary<string, MemoryTable> Content
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<string, MemoryTable>(_tables, _tables.Comparer);
            }
        }

        set
        {
            lock (_gate)
            {
                _tables = new Dictionary<string, MemoryTable>(value, _tables.Comparer);
            }
        }
    }

    public LocalState Prepare(Dataset dataset)
    {
        lock (_gate)
        {
            var table = CopyOf(dataset);
            table.Prepare(dataset);
            _tables[dataset.LocalTable] = table;
            return StateOf(table);
        }
    }

    /// <summary>Prepares a copy, applies a batch to it, and drops it.</summary>
    public ApplyPreview Preview(ApplyBatch batch, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var table = CopyOf(batch.Dataset);
            if (!batch.AreTombstones)
            {
                table.Prepare(batch.Dataset);
            }

            var (state, rows) = (StateOf(table), table.Rows.Keys.Count(key => table.ChangeOf(key) is null));
            var result = PulledRows.Apply(table, batch, cancellationToken);
            return new ApplyPreview(state, result, rows, table.Changes.Values.Count(change => change.IsContested(table, batch.Dataset)));
        }
    }

    public T Read<T>(Dataset dataset, Func<MemoryTable, T> look)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        lock (_gate)
        {
            return look(Of(dataset));
        }
    }

    /// <summary>Does some work on a copy, which becomes the table unless the work throws or is not to be kept.</summary>
    public T Change<T>(Dataset dataset, Func<MemoryTable, T> work, Func<T, bool>? keep = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        lock (_gate)
        {
            var copy = Of(dataset).Clone();
            var result = work(copy);
            if (keep?.Invoke(result) ?? true)
            {
                _tables[dataset.LocalTable] = copy;
            }

            return result;
        }
    }

    public IReadOnlyList<string> GetRows(string localTable)
    {
        ArgumentNullException.ThrowIfNull(localTable);
        lock (_gate)
        {
            return _tables.TryGetValue(localTable, out var table) ? [.. table.Rows.Values.Select(static row => row.Json)] : [];
        }
    }

    /// <summary>Counts changes; a table that was never prepared has none.</summary>
    public ChangeCounts Count(Dataset dataset)
    {
        lock (_gate)
        {
            return _tables.TryGetValue(dataset.LocalTable, out var table) ? ChangeDesk.Count(table) : default;
        }
    }

    public string? FindRow(string localTable, string[] keyValues)
    {
        ArgumentNullException.ThrowIfNull(localTable);
        ArgumentNullException.ThrowIfNull(keyValues);
        lock (_gate)
        {
            return _tables.TryGetValue(localTable, out var table) ? table.Rows.GetValueOrDefault(RowRules.KeyOf(keyValues))?.Json : null;
        }
    }

    /// <summary>Finds what there is of a key; a table that was never prepared has nothing.</summary>
    public StoredRow Find(Dataset dataset, string keyJson)
    {
        lock (_gate)
        {
            return _tables.TryGetValue(dataset.LocalTable, out var table) ? ChangeDesk.Find(table, dataset, new MemoryRow(keyJson)) : new StoredRow(default, []);
        }
    }

    private MemoryTable CopyOf(Dataset dataset) => _tables.TryGetValue(dataset.LocalTable, out var found) ? found.Clone() : new MemoryTable();

    private LocalState StateOf(MemoryTable table) =>
        new(_storeId, table.Rows.Count > 0) { HasUnrecordedChanges = table.HasUnrecordedChanges, Reread = table.Reread, Generation = table.Generation ?? 0 };

    private MemoryTable Of(Dataset dataset) =>
        _tables.GetValueOrDefault(dataset.LocalTable)
        ?? throw new SyncStoreException(SyncErrorKind.StoreFailed, $"Local table '{dataset.LocalTable}' was not prepared. Call PrepareAsync first.", dataset.Name);
}
