using Agent.Sync.Sqlite.Bookkeeping;

namespace Agent.Sync.Sqlite.Schema;

/// <summary>What became of a table's columns since the last preparation.</summary>
/// <param name="Columns">Every column that is or was the dataset's and is in the table.</param>
/// <param name="Gone">Columns whose edits were sent, and that the table or the dataset does not have any more.</param>
/// <param name="Fresh">Columns that no earlier run knew, or that were missing: what they hold is nobody's edit.</param>
/// <param name="HasNewlyUnread">Whether there are columns whose values have to be read, and that was not known before.</param>
internal sealed record ColumnChanges(
    IReadOnlyDictionary<string, KnownColumn> Columns, IReadOnlyList<KnownColumn> Gone, IReadOnlyList<string> Fresh, bool HasNewlyUnread);
