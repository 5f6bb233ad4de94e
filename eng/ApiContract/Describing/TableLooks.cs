namespace ApiContract.Describing;

/// <summary>What a diagnosis of a table, and an explanation of one row, read besides pages.</summary>
internal static class TableLooks
{
    public static IEnumerable<RequestShape> Of(TableNames table)
    {
        ShapePart one = new("limit", "^1$");
        yield return new("look-column", "For a diagnosis, after a request that named a missing column: one column of any row.")
        {
            Query = [new("select"), one],
            Headers = TableReads.Schema(table),
        };
        yield return new("look-empty-timestamp", $"For a diagnosis: a row without {table.Cursor.Name}.")
        {
            Query = [new("select"), new(table.Cursor.Name, @"^is\.null$"), one],
            Headers = TableReads.Schema(table),
            Filters = true,
        };
        yield return new("look-future-timestamp", $"For a diagnosis: a row whose {table.Cursor.Name} lies in the future.")
        {
            Query = [new("select"), new(table.Cursor.Name, $@"^gt\.{ColumnText.Bare(table.Cursor.Type)}$"), one],
            Headers = TableReads.Schema(table),
            Filters = true,
        };
        ShapePart[] key = [.. table.Keys.Select(static column => new ShapePart(column.Name, $@"^eq\.{ColumnText.Bare(column.Type)}$"))];
        yield return new("look-row", "For the explanation of a row: the row of a key.")
        {
            Query = [new("select"), .. key],
            Headers = TableReads.Schema(table),
            Filters = true,
        };
        yield return new("look-tombstone", "With the SQL kit, for the explanation of a row: its tombstones.")
        {
            Query = [new("select", TableNames.Exactly([.. table.Keys, TableNames.Sequence])), .. key],
            Headers = [new(Headers.AcceptProfile, "^agent_sync$")],
        };
    }
}
