using Agent.Sync.Postgrest;

namespace Agent.Sync.Doctor;

/// <summary>Builds the requests that only look: one row or none comes back. The values in some of them come from rows: they are never logged.</summary>
internal static class LookUrl
{
    private const int StackChars = 512;

    /// <summary>One column of any row: it is refused where the table lacks the column.</summary>
    public static ApiCall Column(Dataset dataset, string column) => Get(dataset, $"{dataset.RemoteTable}?select={column}&limit=1");

    /// <summary>A row without an update timestamp.</summary>
    public static ApiCall EmptyTimestamp(Dataset dataset) => Timestamp(dataset, "is", "null");

    /// <summary>A row whose update timestamp is later than a time.</summary>
    public static ApiCall LaterTimestamp(Dataset dataset, DateTimeOffset time) => Timestamp(dataset, "gt", TimestampText.Format(time));

    /// <summary>The row of a key.</summary>
    /// <param name="dataset">The dataset, whose columns come back.</param>
    /// <param name="key">The key's texts, in key order.</param>
    /// <param name="isFiltered">Whether the row must meet the dataset's filter too.</param>
    public static ApiCall Row(Dataset dataset, IReadOnlyList<string> key, bool isFiltered)
    {
        var url = new UrlWriter(stackalloc char[StackChars]);
        url.Append(dataset.RemoteTable);
        url.Append("?select=");
        url.Append(SelectOf(dataset));
        for (var part = 0; part < key.Count; part++)
        {
            PageUrl.AppendCondition(ref url, dataset.Columns[dataset.KeyOrdinals[part]].Name, "eq", key[part]);
        }

        url.Append(isFiltered ? PageUrl.Filters(dataset) : string.Empty);
        return Get(dataset, url.Finish());
    }

    private static ApiCall Timestamp(Dataset dataset, string comparison, string value)
    {
        var url = new UrlWriter(stackalloc char[StackChars]);
        url.Append(dataset.RemoteTable);
        url.Append("?select=");
        url.Append(SelectOf(dataset));
        PageUrl.AppendCondition(ref url, dataset.Columns[dataset.CursorOrdinal].Name, comparison, value);
        url.Append(PageUrl.Filters(dataset));
        url.Append("&limit=1");
        return Get(dataset, url.Finish());
    }

    private static string SelectOf(Dataset dataset) => string.Join(',', dataset.Columns.Select(static column => column.Name));

    private static ApiCall Get(Dataset dataset, string pathAndQuery) =>
        new() { Method = HttpMethod.Get, PathAndQuery = pathAndQuery, Schema = dataset.Schema, Dataset = dataset };
}
