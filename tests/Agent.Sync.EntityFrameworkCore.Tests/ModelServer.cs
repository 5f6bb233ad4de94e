using Agent.Sync.Testing;

namespace Agent.Sync.EntityFrameworkCore.Tests;

/// <summary>A double with the tables of some datasets.</summary>
internal sealed class ModelServer : IDisposable
{
    private readonly Dictionary<string, PostgrestTable> _tables = new(StringComparer.Ordinal);

    public ModelServer(IEnumerable<Dataset> datasets, bool withKit)
    {
        foreach (var dataset in datasets)
        {
            _tables[dataset.Name] = Double.AddTable(dataset);
            if (withKit)
            {
                _tables[dataset.Name].EnableKit();
            }
        }
    }

    public PostgrestDouble Double { get; } = new(TimeProvider.System);

    public IReadOnlyList<string> AllRows(string dataset) => _tables[dataset].VisibleRows("user");

    public void Insert(string dataset, string row) => _tables[dataset].Insert(row);

    public void Change(string dataset, Guid key, string values) => _tables[dataset].Update(values, key.ToString());

    public void Dispose() => Double.Dispose();
}
