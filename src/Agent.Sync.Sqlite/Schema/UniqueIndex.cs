namespace Agent.Sync.Sqlite.Schema;

/// <summary>A unique index over columns.</summary>
/// <param name="Columns">The columns with their collations.</param>
/// <param name="Condition">The condition of a partial index, as it was written; null for a whole one.</param>
internal sealed record UniqueIndex(IReadOnlyList<(string Name, string Collation)> Columns, string? Condition)
{
    /// <summary>Whether it makes exactly these columns unique together, compared byte by byte.</summary>
    // A key that differs in case only is another key: an index with another collation than BINARY would merge the two.
    public bool IsWholeAndBinary(IEnumerable<string> columns) =>
        Condition is null
        && Columns.All(static column => string.Equals(column.Collation, "BINARY", StringComparison.OrdinalIgnoreCase))
        && Columns.Select(static column => column.Name).ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(columns);
}
