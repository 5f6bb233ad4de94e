using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Applying;

/// <summary>Decides at the end of a resync which of the edits that it found are sent, and which are left to the user. Runs in the caller's transaction.</summary>
internal sealed class FoundEdits(SqliteDatabase database, Dataset dataset)
{
    private readonly OutboxNames _names = new(dataset);

    private string IsFound => $"{_names.Table}.found = {OutboxNames.Found}";

    /// <returns>How many were left in quarantine, for the user to decide.</returns>
    public long Decide(Reconciliation reconciliation)
    {
        var isInDoubt = new DoubtfulColumns(database, dataset).IsInDoubt($"{_names.Table}.", "t") is { } condition
            ? $"EXISTS (SELECT 1 FROM {_names.Local} t WHERE {_names.IsAbout($"{_names.Table}.", "t")} AND {condition})"
            : "0";
        var found = Count(IsFound);
        var doubtful = Count($"{IsFound} AND {isInDoubt}");
        var rows = database.QueryInt64($"SELECT count(*) FROM {_names.Local}") ?? 0;
        var held = reconciliation.IsTooMuch(found - doubtful, rows) ? found : doubtful;
        if (held < found)
        {
            database.Execute($"UPDATE {_names.Table} SET {OutboxNames.WaitAgain} WHERE {IsFound} AND NOT {isInDoubt}");
        }

        database.Execute($"UPDATE {_names.Table} SET found = NULL WHERE {IsFound}");

        // A recorded edit of such a row would take along what the migration left, and so would one that the server has refused, once it is sent again.
        return held + database.Execute(
            $"""
            UPDATE {_names.Table} SET code = '{ChangeCodes.Unrecorded}', constraint_name = NULL, kind = has_base
            WHERE state = {OutboxNames.Open} AND coalesce(code NOT IN ('{ChangeCodes.Unrecorded}', '{ChangeCodes.ColumnGone}'), 1) AND {isInDoubt}
            """);
    }

    private long Count(string condition) => database.QueryInt64($"SELECT count(*) FROM {_names.Table} WHERE {condition}") ?? 0;
}
