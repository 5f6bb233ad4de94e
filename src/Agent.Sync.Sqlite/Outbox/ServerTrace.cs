using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>Tells rows that came from the server from those that the app made: the server fills its own columns.</summary>
internal static class ServerTrace
{
    /// <summary>Writes the condition that a row of the local table came from the server; null when the columns that could tell are not read.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="isRead">Whether a column has been in the table for as long as its rows.</param>
    public static string? Condition(Dataset dataset, Func<string, bool> isRead)
    {
        // The server fills both. An app's own row lacks one of them, or has a default in its place.
        var own = new[] { dataset.VersionOrdinal ?? dataset.CursorOrdinal, dataset.CursorOrdinal }.Distinct().Where(IsRead).Select(IsServers).ToList();
        if (own.Count > 0)
        {
            return $"({string.Join(" AND ", own)})";
        }

        var others = Enumerable.Range(0, dataset.Columns.Count).Except(dataset.PushedOrdinals)
            .Where(ordinal => dataset.Columns[ordinal].Type == ColumnType.Timestamptz && IsRead(ordinal)).Select(IsServers).ToList();
        return others.Count > 0 ? $"({string.Join(" OR ", others)})" : null;

        bool IsRead(int ordinal) => isRead(dataset.Columns[ordinal].Name);

        string IsServers(int ordinal)
        {
            var column = $"{Names.Quote(dataset.LocalTable)}.{Names.Quote(dataset.Columns[ordinal].Name)}";
            return dataset.Columns[ordinal].Type == ColumnType.Timestamptz
                ? $"coalesce({column} > '0002' AND substr({column}, -6) = '+00:00', 0)"
                : $"{column} IS NOT NULL";
        }
    }
}
