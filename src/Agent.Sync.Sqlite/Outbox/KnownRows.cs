using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>Turns local rows back into what a change knows of the server's, and forgets changes. Runs in the caller's transaction.</summary>
internal sealed class KnownRows : IDisposable
{
    private readonly SqliteStatement _place;
    private readonly SqliteStatement _remove;
    private readonly SqliteStatement _removeUnknown;
    private readonly SqliteStatement _forget;
    private readonly SqliteStatement _forgetBehind;

    public KnownRows(SqliteDatabase database, DatasetPlan plan)
    {
        var names = new OutboxNames(plan.Dataset);
        var table = names.Table;
        var isPlaced = $"((has_server = {OutboxNames.ServerRow}{IsNoRemoval(plan, OutboxNames.Server)}) OR (has_server = 0 AND has_base = 1{IsNoRemoval(plan, OutboxNames.Base)}))";
        var sameKey = string.Join(" AND ", names.Keys.Select(key => $"{Names.Quote(key)} = (SELECT {OutboxNames.Key(key)} FROM {table} WHERE id = ?1) COLLATE BINARY"));
        _place = database.Prepare(
            $"""
            INSERT INTO {names.Local} ({names.LocalColumns})
            SELECT {names.KeyColumns}{names.ValueList(static column => $"CASE WHEN has_server = {OutboxNames.ServerRow} THEN {OutboxNames.Server(column)} ELSE {OutboxNames.Base(column)} END")}
            FROM {table} WHERE id = ?1 AND {isPlaced}
            ON CONFLICT ({Names.List(names.Keys)}) DO UPDATE SET {names.Assign(Names.Quote, static column => $"excluded.{Names.Quote(column)}")}
            """);
        _remove = database.Prepare($"DELETE FROM {names.Local} WHERE {sameKey}");
        _removeUnknown = database.Prepare($"DELETE FROM {names.Local} WHERE {sameKey} AND NOT EXISTS (SELECT 1 FROM {table} WHERE id = ?1 AND {isPlaced})");
        _forget = database.Prepare($"DELETE FROM {table} WHERE id = ?1");
        _forgetBehind = database.Prepare(
            $"DELETE FROM {table} WHERE slot = {OutboxNames.Open} AND id <> ?1 AND {names.HasKey(string.Empty, key => $"(SELECT a.{OutboxNames.Key(key)} FROM {table} a WHERE a.id = ?1)")}");
    }

    /// <summary>Makes the local row what the change knows of the server's: its newer row, else the base; none where there is none.</summary>
    public void Place(long change)
    {
        Run(_removeUnknown, change);
        Run(_place, change);
    }

    /// <summary>Removes the change's local row.</summary>
    public void Remove(long change) => Run(_remove, change);

    /// <summary>Deletes the change.</summary>
    public void Forget(long change) => Run(_forget, change);

    /// <summary>Deletes the edit that waits behind a change in flight; its values are in the local row, for the change to take up.</summary>
    public void ForgetBehind(long change) => Run(_forgetBehind, change);

    public void Dispose()
    {
        _place.Dispose();
        _remove.Dispose();
        _removeUnknown.Dispose();
        _forget.Dispose();
        _forgetBehind.Dispose();
    }

    /// <summary>Writes the condition, with its AND, that a row is not soft-deleted where such rows are removed.</summary>
    public static string IsNoRemoval(DatasetPlan plan, Func<string, string> column) =>
        plan.RemoveOrdinal is { } remove ? $" AND {column(plan.Dataset.Columns[remove].Name)} IS NULL" : string.Empty;

    private static void Run(SqliteStatement statement, long change)
    {
        statement.Bind(1, change);
        statement.Run();
    }
}
