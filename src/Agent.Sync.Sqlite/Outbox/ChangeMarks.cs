using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>The marks of what an edit touched, as a statement that reads changes has them.</summary>
/// <param name="known">The table's columns, whose numbers tell where an edit marks them; null where marks are not asked for.</param>
/// <param name="dataset">The dataset.</param>
/// <param name="first">The position of the first of them.</param>
internal sealed class ChangeMarks(IReadOnlyDictionary<string, KnownColumn>? known, Dataset dataset, int first)
{
    private readonly List<int> _groups = [.. dataset.Columns.Select(column => known?.GetValueOrDefault(column.LocalName)).OfType<KnownColumn>()
        .Select(static column => column.Number / OutboxNames.MarksPerColumn).Distinct().Order()];

    /// <summary>Writes the columns, each after a comma.</summary>
    /// <param name="alias">The outbox in the statement, with its dot.</param>
    public string Columns(string alias) => string.Concat(_groups.Select(group => $", {alias}{OutboxNames.Edited(group)}"));

    /// <summary>Returns where an edit of a column is marked; null where the column is not known.</summary>
    public ChangeMark? Find(int ordinal) => known?.GetValueOrDefault(dataset.Columns[ordinal].LocalName) is { } column
        ? new ChangeMark(first + _groups.IndexOf(column.Number / OutboxNames.MarksPerColumn), column.Number % OutboxNames.MarksPerColumn)
        : null;
}

/// <summary>Where an edit of one column is marked.</summary>
/// <param name="Position">The position of the marks that it is one of.</param>
/// <param name="Bit">Its bit.</param>
internal readonly record struct ChangeMark(int Position, int Bit)
{
    public bool IsSet(SqliteStatement change) => ((change.Int64(Position) >> Bit) & 1) != 0;
}
