namespace Agent.Sync;

/// <summary>The remote or the local table is not what the dataset says.</summary>
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
}
