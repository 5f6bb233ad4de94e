using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>Adapts the changes that wait to what became of the table's columns. Runs in the caller's transaction.</summary>
internal sealed class ColumnMigration(SqliteDatabase database, OutboxNames names, LocalTable table)
{
    /// <param name="columns">What became of the columns.</param>
    /// <param name="added">Columns that the outbox did not record before.</param>
    public void Apply(ColumnChanges columns, IEnumerable<string> added)
    {
        foreach (var column in columns.Gone)
        {
            Keep(column, isLost: !names.Values.Contains(column.Name, StringComparer.OrdinalIgnoreCase) || columns.Fresh.Contains(column.Name, StringComparer.OrdinalIgnoreCase));
        }

        foreach (var column in added.Union(columns.Fresh, StringComparer.OrdinalIgnoreCase).Where(column => names.Values.Contains(column, StringComparer.OrdinalIgnoreCase)))
        {
            // A column that is not sent keeps its base: the edit started from that version, even if the local column was made anew.
            if (columns.Columns[column].IsSent || added.Contains(column, StringComparer.OrdinalIgnoreCase))
            {
                Rebase(column);
            }
        }
    }

    /// <summary>Keeps the edits of a column that cannot be sent any more, in quarantine.</summary>
    private void Keep(KnownColumn column, bool isLost)
    {
        var touched = Touched(column, isLost);
        if (touched.Count == 0)
        {
            return;
        }

        using var behind = new EditBehind(database, names);
        using var keep = database.Prepare(
            $"""
            UPDATE {names.Table} SET {OutboxNames.WaitAgain}, state = {OutboxNames.Open}, code = '{ChangeCodes.ColumnGone}', constraint_name = ?2, kind = has_base
            WHERE id = ?1
            """);
        foreach (var change in touched)
        {
            // What is kept is the whole of it: an edit behind is a part of the change in flight again.
            behind.TakeUp(change);
            keep.Bind(1, change);
            keep.Bind(2, column.Name);
            keep.Run();
        }
    }

    /// <summary>Finds the changes that edited a column: of each key the one in flight, else the one that waits or lies in quarantine.</summary>
    /// <param name="column">The column.</param>
    /// <param name="isLost">Whether its values are gone; else the row tells whether it was edited.</param>
    private List<long> Touched(KnownColumn column, bool isLost)
    {
        var differs = isLost ? "1" : $"(o.has_base = 0 OR o.{OutboxNames.Base(column.Name)} IS NOT t.{Names.Quote(column.Name)})";

        // A change without a local row is a delete, which is sent whole.
        using var statement = database.Prepare(
            $"""
            SELECT o.id FROM {names.Table} o JOIN {names.Local} t ON {names.IsAbout("o.", "t")}
            LEFT JOIN {names.Table} f ON o.state = {OutboxNames.InFlight} AND {names.IsBehind("f.", "o.")}
            WHERE ({OutboxNames.HasEdited("o.", column.Number)} OR coalesce({OutboxNames.HasEdited("f.", column.Number)}, 0)) AND {differs}
                AND (o.state = {OutboxNames.InFlight} OR {names.HasNoneInFlight("o.")})
            """);
        var found = new List<long>();
        while (statement.Step())
        {
            found.Add(statement.Int64(0));
        }

        return found;
    }

    /// <summary>Makes a column's value the base: a migration left it, so it is not an edit.</summary>
    private void Rebase(string column)
    {
        var name = Names.Quote(column);
        database.Execute(
            $"""
            UPDATE {names.Table} SET {OutboxNames.Base(column)} = t.{name} FROM {names.Local} t
            WHERE {names.Table}.has_base = 1 AND {names.Table}.code IS NOT '{ChangeCodes.ColumnGone}' AND {names.IsAbout($"{names.Table}.", "t")}
            """);

        // The edit that is kept may be in this column, under its new name: its value must not look like the base's.
        database.Execute(
            $"UPDATE {names.Table} SET {OutboxNames.Base(column)} = {table.Find(column)!.ConstantDefault} WHERE has_base = 1 AND code = '{ChangeCodes.ColumnGone}'");
    }
}
