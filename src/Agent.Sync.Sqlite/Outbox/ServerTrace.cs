using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>Tells rows that came from the server from those that the app made: the server fills its own columns.</summary>
internal static class ServerTrace
{
    /// <summary>Writes the condition that a row of the local table came from the server; null when the columns that could tell are not read.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="isRead">Whether a column has been in the table for as long as its rows.</param>
    public static string? Condition(Dataset dataset, Func<string, bool> isRead) =>
        Condition(dataset, isRead, column => $"{Names.Quote(dataset.LocalTable)}.{Names.Quote(column)}");

    /// <summary>As above, of a row whose columns are given as expressions.</summary>
    public static string? Condition(Dataset dataset, Func<string, bool> isRead, Func<string, string> value)
    {
        // The server fills both. An app's own row lacks one of them, or has a default in its place.
        var own = Own(dataset).Where(IsRead).Select(Is).ToList();
        if (own.Count > 0)
        {
            return $"({string.Join(" AND ", own)})";
        }

        var others = Enumerable.Range(0, dataset.Columns.Count).Except(dataset.PushedOrdinals)
            .Where(ordinal => dataset.Columns[ordinal].Type == ColumnType.Timestamptz && IsRead(ordinal)).Select(Is).ToList();
        return others.Count > 0 ? $"({string.Join(" OR ", others)})" : null;

        bool IsRead(int ordinal) => isRead(dataset.Columns[ordinal].LocalName);

        string Is(int ordinal) => IsServers(dataset, ordinal, value(dataset.Columns[ordinal].LocalName));
    }

    /// <summary>Returns the columns that tell a version of a row from any other: the version, and the cursor.</summary>
    public static IEnumerable<int> Own(Dataset dataset) => new[] { dataset.VersionOrdinal ?? dataset.CursorOrdinal, dataset.CursorOrdinal }.Distinct();

    /// <summary>Writes the condition that the server wrote a value.</summary>
    public static string IsServers(Dataset dataset, int ordinal, string value) => dataset.Columns[ordinal].Type == ColumnType.Timestamptz
        ? $"coalesce({value} > '0002' AND substr({value}, -6) = '+00:00', 0)"
        : $"{value} IS NOT NULL";
}
