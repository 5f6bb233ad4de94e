using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Sqlite.Values;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>Puts local rows back to the server's row that their change knows, and forgets changes. Runs in the caller's transaction.</summary>
internal sealed class BaseRows : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly DatasetPlan _plan;
    private readonly Statements _statements;
    private readonly SqliteStatement _remove;
    private readonly SqliteStatement _forget;
    private readonly EditBehind _behind;
    private readonly string _sameKey;
    private Placing? _placing;

    public BaseRows(SqliteDatabase database, DatasetPlan plan)
    {
        _statements = new Statements(database);
        _database = database;
        _plan = plan;
        var names = new OutboxNames(plan.Dataset);
        _sameKey = string.Join(" AND ", names.Keys.Select(key => $"{Names.Quote(key)} = (SELECT {OutboxNames.Key(key)} FROM {names.Table} WHERE id = ?1) COLLATE BINARY"));
        _remove = _statements.Prepare($"DELETE FROM {names.Local} WHERE {_sameKey}");
        _forget = _statements.Prepare($"DELETE FROM {names.Table} WHERE id = ?1");
        _behind = new EditBehind(database, names);
    }

    /// <summary>Makes the local row the server's, as the change knows it: the newer row, else the base. Without either the local row is removed.</summary>
    /// <remarks>A row that the local table refuses is parked, and the local row stays as it is until then.</remarks>
    public void Place(long change)
    {
        // Most batches place nothing.
        var placing = _placing ??= PreparePlacing();
        try
        {
            placing.RemoveUnknown.Run(change);
            placing.Place.Run(change);
        }
        catch (SqliteFailure failure) when (RowRefusal.IsOfOneRow(failure))
        {
            Park(change, placing.Read, failure);
        }
    }

    /// <summary>Removes the change's local row.</summary>
    public void Remove(long change) => _remove.Run(change);

    /// <summary>Deletes the change.</summary>
    public void Forget(long change) => _forget.Run(change);

    /// <summary>Deletes the edit that waits behind a change in flight; its values are in the local row, for the change to take up.</summary>
    public void ForgetBehind(long change) => _behind.TakeUp(change);

    public void Dispose()
    {
        _statements.Dispose();
        _behind.Dispose();
    }

    /// <summary>Writes the condition, with its AND, that a row is not soft-deleted where such rows are removed.</summary>
    public static string IsNoRemoval(DatasetPlan plan, Func<string, string> column) =>
        plan.RemoveOrdinal is { } remove ? $" AND {column(plan.Dataset.Columns[remove].LocalName)} IS NULL" : string.Empty;

    private static string Known(string column) =>
        $"CASE WHEN has_server = {OutboxNames.ServerRow} THEN {OutboxNames.Server(column)} ELSE {OutboxNames.Base(column)} END";

    private Placing PreparePlacing()
    {
        var names = OutboxSchema.ReadNames(_database, _plan.Dataset);
        var table = names.Table;

        // What tells the row's version from any other is placed too where the dataset, as it is here, lacks it. Other columns that it had before are the app's.
        var versioned = _plan.Dataset.Sequenced();
        var replaced = names.Values.Where(name => versioned.Columns.Any(column => string.Equals(column.LocalName, name, StringComparison.OrdinalIgnoreCase))).ToList();
        var isPlaced = $"((has_server = {OutboxNames.ServerRow}{IsNoRemoval(_plan, OutboxNames.Server)}) OR (has_server = 0 AND has_base = 1{IsNoRemoval(_plan, OutboxNames.Base)}))";
        return new Placing(
            _statements.Prepare($"DELETE FROM {names.Local} WHERE {_sameKey} AND NOT EXISTS (SELECT 1 FROM {table} WHERE id = ?1 AND {isPlaced})"),
            _statements.Prepare(
                $"""
                INSERT INTO {names.Local} ({names.LocalColumns})
                SELECT {names.KeyColumns}{names.ValueList(Known)}
                FROM {table} WHERE id = ?1 AND {isPlaced}
                ON CONFLICT ({Names.List(names.Keys)}) DO UPDATE SET {string.Join(", ", replaced.Select(static column => $"{Names.Quote(column)} = excluded.{Names.Quote(column)}"))}
                WHERE {string.Join(" OR ", replaced.Select(column => $"{names.Local}.{Names.Quote(column)} IS NOT excluded.{Names.Quote(column)} COLLATE BINARY"))}
                """),
            $"SELECT {string.Join(", ", _plan.Dataset.Columns.Select(column => names.Keys.Contains(column.LocalName) ? OutboxNames.Key(column.LocalName) : Known(column.LocalName)))} FROM {table} WHERE id = ?1 AND {isPlaced}");
    }

    private void Park(long change, string read, SqliteFailure failure)
    {
        using var json = new StoredJson(_plan.Dataset);
        using var statement = _database.Prepare(read);
        statement.Bind(1, change);
        if (!statement.Step() || statement.IsNull(_plan.VersionOrdinal))
        {
            return;
        }

        json.StartObject();
        for (var ordinal = 0; ordinal < _plan.Dataset.Columns.Count; ordinal++)
        {
            json.Write(ordinal, statement, ordinal);
        }

        json.EndObject();
        using var page = Page.Parse(_plan.Dataset, [(byte)'[', .. json.Written, (byte)']']);
        using var binder = new PageBinder(_plan);
        using var parked = new ParkedRows(_database, _plan, binder, generation: null);
        parked.Park(page, 0, failure);
    }

    /// <summary>What places a row.</summary>
    /// <param name="RemoveUnknown">Removes the local row where the change knows none of the server's.</param>
    /// <param name="Place">Writes the row.</param>
    /// <param name="Read">Reads it, as text of a statement, where the local table refuses it.</param>
    private sealed record Placing(SqliteStatement RemoveUnknown, SqliteStatement Place, string Read);
}
