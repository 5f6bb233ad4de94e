namespace Agent.Sync;

/// <summary>The remote or the local table does not match the dataset.</summary>
public sealed class SyncSchemaException : SyncException
{
    /// <summary>Initializes a new instance for a store of your own.</summary>
    /// <param name="kind"><see cref="SyncErrorKind.RemoteSchema"/> or <see cref="SyncErrorKind.LocalSchema"/>.</param>
    /// <param name="message">What to do next; names tables, columns and types, never values.</param>
    /// <param name="dataset">The dataset's name, or null.</param>
    /// <param name="code">The server's code, or null.</param>
    public SyncSchemaException(SyncErrorKind kind, string message, string? dataset = null, string? code = null)
        : base(kind, message, dataset, code, isTransient: false, innerException: null)
    {
    }

    internal static SyncSchemaException ValueDoesNotFit(string dataset, DatasetColumn column, PageCellKind kind, int row) =>
        new(
            SyncErrorKind.RemoteSchema,
            $"Column '{column.Name}' of dataset '{dataset}' is declared {column.Type}, but row {row} of a page holds a JSON {kind}. Declare the column's type as it is in PostgreSQL.",
            dataset);

    internal static SyncSchemaException CursorDoesNotFit(Dataset dataset, PageCell cell, int row)
    {
        var column = dataset.Columns[dataset.CursorOrdinal];
        return IsTimestampWithoutZone(cell)
            ? new SyncSchemaException(
                SyncErrorKind.RemoteSchema,
                $"Column '{column.Name}' of dataset '{dataset.Name}' is a timestamp without time zone (or a date), so row {row} of a page holds no point in time. The UpdatedAt column must be timestamptz. Run, with the zone that its values are in: alter table \"{dataset.Schema}\".\"{dataset.RemoteTable}\" alter column \"{column.Name}\" type timestamptz using \"{column.Name}\" at time zone 'UTC';",
                dataset.Name)
            : ValueDoesNotFit(dataset.Name, column, cell.Kind, row);
    }

    private static bool IsTimestampWithoutZone(PageCell cell)
    {
        const int DateLength = 10;
        const int Longest = 64;
        Span<byte> withZone = stackalloc byte[Longest];
        var text = cell.Utf8;
        if (text.Length < DateLength || text.Length + "T00:00:00Z".Length > Longest)
        {
            return false;
        }

        text.CopyTo(withZone);
        var zone = text.Length == DateLength ? "T00:00:00Z"u8 : "Z"u8;
        zone.CopyTo(withZone[text.Length..]);
        return TimestampText.TryParse(withZone[..(text.Length + zone.Length)], out _);
    }
}
