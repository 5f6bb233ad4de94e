using System.Globalization;
using System.Text;
using Agent.Sync.Local;
using Agent.Sync.Testing.Postgrest;

namespace Agent.Sync.Testing.Local;

/// <summary>One local table in memory. A change is staged first and taken over in one step, so it is whole or not at all.</summary>
internal sealed class MemoryTable
{
    private readonly Dictionary<string, ColumnType> _columns = [];
    private readonly SortedDictionary<string, MemoryRow> _rows = new(StringComparer.Ordinal);
    private HashSet<string> _seen = [];
    private long? _generation;

    public int Count => _rows.Count;

    public IEnumerable<string> Rows => _rows.Values.Select(static row => row.Json);

    public string? Find(string key) => _rows.TryGetValue(key, out var row) ? row.Json : null;

    public void Prepare(Dataset dataset)
    {
        foreach (var column in dataset.Columns)
        {
            if (_columns.TryGetValue(column.Name, out var type) && type != column.Type)
            {
                throw new SyncSchemaException(
                    SyncErrorKind.LocalSchema,
                    $"Column '{column.Name}' of local table '{dataset.LocalTable}' is {type}, but dataset '{dataset.Name}' declares {column.Type}. Name another local table, or change the declaration back.",
                    dataset.Name);
            }
        }

        foreach (var column in dataset.Columns)
        {
            _columns[column.Name] = column.Type;
        }
    }

    /// <summary>Works a batch out without changing anything; the second result takes it over.</summary>
    public (ApplyResult Result, Action Commit) Stage(ApplyBatch batch, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<string, MemoryRow?>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        long applied = 0;
        long unchanged = 0;
        long deleted = 0;
        foreach (var page in batch.Pages)
        {
            for (var index = 0; index < page.Count; index++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var key = KeyOf(page, index);
                seen.Add(key);
                var there = rows.TryGetValue(key, out var staged) ? staged : _rows.GetValueOrDefault(key);
                var row = new MemoryRow(Encoding.UTF8.GetString(page.GetRow(index).Span), VersionOf(page, index));
                if (IsRemoval(page, index))
                {
                    if (there is null || there.Version > row.Version)
                    {
                        unchanged++;
                    }
                    else
                    {
                        rows[key] = null;
                        deleted++;
                    }
                }
                else if (Replaces(row, there, batch.Generation is not null))
                {
                    rows[key] = row;
                    applied++;
                }
                else
                {
                    unchanged++;
                }
            }
        }

        return (new ApplyResult(applied, unchanged, deleted), () => Commit(rows, seen, batch.Generation));
    }

    public (SwapResult Result, Action Commit) Stage(GenerationSwap swap)
    {
        var seen = _generation == swap.Generation ? _seen : [];
        var gone = _rows.Keys.Where(key => !seen.Contains(key)).ToList();
        var isRefused = gone.Count > 0 && (double)gone.Count / _rows.Count > swap.MaxRemovedShare;
        var result = new SwapResult(isRefused, gone.Count, _rows.Count);
        return (result, () => gone.ForEach(key => _rows.Remove(key)));
    }

    public static string KeyOf(IEnumerable<string> values) =>
        string.Concat(values.Select(static value => string.Create(CultureInfo.InvariantCulture, $"{value.Length:D6}{value}")));

    private static bool Replaces(MemoryRow row, MemoryRow? there, bool isResync) =>
        there is null
        || row.Version > there.Version
        || (isResync && row.Version == there.Version && !string.Equals(row.Json, there.Json, StringComparison.Ordinal));

    private static bool IsRemoval(Page page, int row) =>
        page.Dataset.DeletedOrdinal is { } deleted
        && page.Dataset.DeleteHandling == DeleteHandling.Remove
        && !page.GetCell(row, deleted).IsNull;

    private static string KeyOf(Page page, int row) =>
        KeyOf(page.Dataset.KeyOrdinals.Select(ordinal => TextOf(page.GetCell(row, ordinal))));

    private static long VersionOf(Page page, int row)
    {
        if (page.Dataset.VersionOrdinal is { } version)
        {
            var cell = page.GetCell(row, version);
            return cell.IsNull ? long.MinValue : long.Parse(cell.Utf8, CultureInfo.InvariantCulture);
        }

        var text = TextOf(page.GetCell(row, page.Dataset.CursorOrdinal));
        return PostgresTimestamp.TryParse(text, out var microseconds) ? microseconds : long.MinValue;
    }

    private static string TextOf(PageCell cell)
    {
        if (cell.Kind is not PageCellKind.EscapedString)
        {
            return Encoding.UTF8.GetString(cell.Utf8);
        }

        var text = new byte[cell.Utf8.Length];
        return Encoding.UTF8.GetString(text, 0, cell.CopyText(text));
    }

    private void Commit(Dictionary<string, MemoryRow?> rows, HashSet<string> seen, long? generation)
    {
        foreach (var (key, row) in rows)
        {
            if (row is null)
            {
                _rows.Remove(key);
            }
            else
            {
                _rows[key] = row;
            }
        }

        if (generation is null)
        {
            return;
        }

        if (_generation != generation)
        {
            _generation = generation;
            _seen = [];
        }

        _seen.UnionWith(seen);
    }
}
