using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>Decides at the end of a resync which of the edits that it found are sent, and which are left to the user. Runs in the caller's transaction.</summary>
internal sealed class FoundEdits(SqliteDatabase database, Dataset dataset)
{
    private readonly OutboxNames _names = new(dataset);

    private string IsFound => $"{_names.Table}.found = {OutboxNames.Found}";

    /// <returns>How many were left in quarantine, for the user to decide.</returns>
    public long Decide(Reconciliation reconciliation, IReadOnlySet<string> unread)
    {
        var found = Count(IsFound);
        if (found == 0)
        {
            return 0;
        }

        var isOfEmptied = IsOfEmptied(unread);
        var emptied = Count($"{IsFound} AND {isOfEmptied}");
        var rows = database.QueryInt64($"SELECT count(*) FROM {_names.Local}") ?? 0;
        var held = reconciliation.IsTooMuch(found - emptied, rows) ? found : emptied;
        if (held < found)
        {
            database.Execute($"UPDATE {_names.Table} SET {OutboxNames.WaitAgain} WHERE {IsFound} AND NOT {isOfEmptied}");
        }

        database.Execute($"UPDATE {_names.Table} SET found = NULL WHERE {IsFound}");
        return held;
    }

    /// <summary>
    /// Writes the condition that an edit is about a column which no local row has a value in. A migration that drops a column and adds it again does that; that a person
    /// did is less likely, and nobody can tell.
    /// </summary>
    private string IsOfEmptied(IReadOnlySet<string> unread)
    {
        var table = LocalTable.Read(database, dataset.LocalTable)!;
        var emptied = dataset.PushedOrdinals.Select(ordinal => dataset.Columns[ordinal].Name)
            .Where(name => _names.Values.Contains(name) && !unread.Contains(name) && IsEmptied(name, table.Find(name)!.ConstantDefault))
            .Select(name => $"{_names.Table}.{OutboxNames.Base(name)} IS NOT t.{Names.Quote(name)}")
            .ToList();
        return emptied.Count == 0
            ? "0"
            : $"EXISTS (SELECT 1 FROM {_names.Local} t WHERE {_names.IsAbout($"{_names.Table}.", "t")} AND ({string.Join(" OR ", emptied)}))";
    }

    private bool IsEmptied(string column, string constant)
    {
        var name = Names.Quote(column);
        return database.QueryInt64(
            $"""
            SELECT EXISTS (SELECT 1 FROM {_names.Table} JOIN {_names.Local} t ON {_names.IsAbout($"{_names.Table}.", "t")} WHERE {IsFound} AND {_names.Table}.{OutboxNames.Base(column)} IS NOT t.{name})
                AND NOT EXISTS (SELECT 1 FROM {_names.Local} WHERE {name} IS NOT NULL AND {name} IS NOT {constant})
            """) == 1;
    }

    private long Count(string condition) => database.QueryInt64($"SELECT count(*) FROM {_names.Table} WHERE {condition}") ?? 0;
}
