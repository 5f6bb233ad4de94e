using Agent.Sync.Local;

namespace Agent.Sync.Testing.Local;

/// <summary>The tables of an in-memory store, under one lock.</summary>
internal sealed class MemoryTables
{
    private readonly Dictionary<string, MemoryTable> _tables = new(StringComparer.OrdinalIgnoreCase);

    public Lock Gate { get; } = new();

    public Guid StoreId { get; } = Guid.NewGuid();

    public LocalState Prepare(Dataset dataset)
    {
        lock (Gate)
        {
            if (!_tables.TryGetValue(dataset.LocalTable, out var table))
            {
                _tables[dataset.LocalTable] = table = new MemoryTable();
            }

            table.Prepare(dataset);
            return new LocalState(StoreId, table.Count > 0);
        }
    }

    public MemoryTable Of(Dataset dataset) =>
        _tables.GetValueOrDefault(dataset.LocalTable)
        ?? throw new SyncStoreException(SyncErrorKind.StoreFailed, $"Local table '{dataset.LocalTable}' was not prepared. Call PrepareAsync first.", dataset.Name);

    public IReadOnlyList<string> GetRows(string localTable)
    {
        ArgumentNullException.ThrowIfNull(localTable);
        lock (Gate)
        {
            return _tables.TryGetValue(localTable, out var table) ? [.. table.Rows] : [];
        }
    }

    public string? FindRow(string localTable, string[] keyValues)
    {
        ArgumentNullException.ThrowIfNull(localTable);
        ArgumentNullException.ThrowIfNull(keyValues);
        lock (Gate)
        {
            return _tables.TryGetValue(localTable, out var table) ? table.Find(MemoryTable.KeyOf(keyValues)) : null;
        }
    }
}
