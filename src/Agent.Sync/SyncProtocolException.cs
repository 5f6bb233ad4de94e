namespace Agent.Sync;

/// <summary>The server broke the protocol, or a cursor or checkpoint is not genuine. The message names columns and places, never values.</summary>
public sealed class SyncProtocolException : SyncException
{
    internal SyncProtocolException(SyncErrorKind kind, string message, string? dataset, string? code = null)
        : base(kind, message, dataset, code, isTransient: false, innerException: null)
    {
    }

    /// <summary>Gets a value indicating whether an answer was too large, so that a smaller request may help.</summary>
    internal bool IsTooLarge { get; init; }

    internal static SyncProtocolException Malformed(string dataset) =>
        new(SyncErrorKind.UnexpectedResponse, $"The answer for dataset '{dataset}' is not a JSON array of rows. Check that the URL is the project's API and that no proxy answers in its place.", dataset);

    internal static SyncProtocolException MissingColumn(string dataset, string column, int row) =>
        new(SyncErrorKind.UnexpectedResponse, $"Row {row} of a page of dataset '{dataset}' lacks column '{column}'. Check that the column exists and is selectable.", dataset);

    internal static SyncProtocolException DuplicateName(string dataset, string column, int row) =>
        new(SyncErrorKind.UnexpectedResponse, $"Row {row} of a page of dataset '{dataset}' names column '{column}' twice; the page was refused whole.", dataset);

    internal static SyncProtocolException MissingValue(string dataset, string column, int row) =>
        new(SyncErrorKind.MissingCursorValue, $"Row {row} of a page of dataset '{dataset}' has no value in column '{column}', so a delta could never find it. Fill the column and declare it NOT NULL.", dataset);

    internal static SyncProtocolException OutOfOrder(string dataset, string column, int row) =>
        new(SyncErrorKind.OutOfOrder, $"Row {row} of a page of dataset '{dataset}' does not come after the row before it in column '{column}'. The server repeats or reorders pages, or the dataset's key is not unique there; nothing of the page was used.", dataset);

    internal static SyncProtocolException CursorRefused(string? dataset, string reason) =>
        new(SyncErrorKind.CursorRefused, $"The cursor was refused: {reason}. Start again without a cursor, or with one from this dataset, user and project.", dataset);

    internal static SyncProtocolException CheckpointRefused(string dataset, string reason) =>
        new(SyncErrorKind.CheckpointRefused, $"The checkpoint of dataset '{dataset}' was refused: {reason}. Call ResetAsync(\"{dataset}\"), which keeps it aside, and sync again. Rows stay.", dataset);

    internal static SyncProtocolException CheckpointTooNew(string dataset) =>
        new(SyncErrorKind.CheckpointTooNew, $"The checkpoint of dataset '{dataset}' was written by a newer version of Agent.Sync. Update the package, or call ResetAsync(\"{dataset}\").", dataset);
}
