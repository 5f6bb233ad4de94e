namespace Agent.Sync.Sqlite.Outbox;

/// <summary>One list object per set of columns, however many changes have that set.</summary>
internal sealed class ColumnSets(Dataset dataset)
{
    private readonly Dictionary<string, IReadOnlyList<string>> _sets = new(StringComparer.Ordinal);
    private readonly char[] _mask = new char[dataset.Columns.Count];

    public void Clear() => _mask.AsSpan().Fill('0');

    public void Add(int ordinal) => _mask[ordinal] = '1';

    public IReadOnlyList<string> Get()
    {
        var sets = _sets.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!sets.TryGetValue(_mask, out var columns))
        {
            columns = [.. dataset.Columns.Where((_, ordinal) => _mask[ordinal] == '1').Select(static column => column.Name)];
            sets[_mask] = columns;
        }

        return columns;
    }
}
