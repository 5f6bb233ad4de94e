using System.Globalization;
using System.Text;
using Agent.Sync.Stores;

namespace Agent.Sync.Testing.Local;

/// <summary>Reads the server's rows that a table holds, to compare them with the server.</summary>
internal static class KeptMemoryRows
{
    public static KeptRows Read(MemoryTable table, KeptRowsRequest request)
    {
        var all = table.Rows.Keys.Union(table.Changes.Values.Select(static change => change.Key)).Order(StringComparer.Ordinal);
        var left = request.After is { } after ? all.Where(key => string.CompareOrdinal(key, after[1..]) > 0) : all;
        var keys = left.Take(request.Limit).ToList();
        var rows = keys.Select(key => Of(table, key)).Where(static row => !row.Row.IsEmpty).ToList();
        return new KeptRows(rows, keys.Count == request.Limit ? string.Create(CultureInfo.InvariantCulture, $"k{keys[^1]}") : null, request.After is null ? table.Rows.Count : null);
    }

    public static IReadOnlyList<KeptRow> Find(MemoryTable table, Page keys) => [.. Enumerable.Range(0, keys.Count).Select(row => Of(table, KeyOf(keys, row)))];

    public static long Remove(MemoryTable table, Page keys)
    {
        var removed = Enumerable.Range(0, keys.Count).Select(row => KeyOf(keys, row)).Where(key => table.Rows.ContainsKey(key) && table.ChangeOf(key) is null).ToList();
        table.Rows = table.Rows.RemoveRange(removed);
        return removed.Count;
    }

    private static string KeyOf(Page keys, int row) => RowRules.KeyOf(keys.Dataset, MemoryRow.Of(keys, row));

    private static KeptRow Of(MemoryTable table, string key)
    {
        if (table.ChangeOf(key) is { } change)
        {
            return new KeptRow(KeptRowState.Changed, Utf8(change.LastKnown));
        }

        return table.Rows.TryGetValue(key, out var row) ? new KeptRow(KeptRowState.Stored, Utf8(row)) : default;
    }

    private static ReadOnlyMemory<byte> Utf8(MemoryRow? row) => row is null ? default : Encoding.UTF8.GetBytes(row.Json);
}
