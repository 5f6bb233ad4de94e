using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>
/// Updates the local row of a change, and sees to it that the row ends as it was written: the app's triggers fire for the store's writes too, and what they
/// put over an edit that waits would be sent in its place. Runs in the caller's transaction.
/// </summary>
internal sealed class EditedRowUpdate : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly Statements _statements;
    private readonly SqliteStatement? _restore;
    private readonly int _columns;

    /// <param name="database">The database.</param>
    /// <param name="names">The dataset's names.</param>
    /// <param name="update">An update of one local row that assigns every column that it may change.</param>
    public EditedRowUpdate(SqliteDatabase database, OutboxNames names, string update)
    {
        _database = database;
        _statements = new Statements(database);
        if (names.Values.Count == 0 || !ApplyGuard.HasAppTriggers(database, names.LocalName))
        {
            Statement = _statements.Prepare(update);
            return;
        }

        // What it returns is what the statement wrote, before any AFTER trigger.
        Statement = _statements.Prepare($"{update} RETURNING {names.LocalColumns}");
        _columns = names.Keys.Count + names.Values.Count;
        var values = names.Values.Select((column, index) => (Name: Names.Quote(column), Parameter: $"?{names.Keys.Count + index + 1}")).ToList();
        var isRow = names.Keys.Select(static (key, index) => $"{Names.Quote(key)} = ?{index + 1} COLLATE BINARY");
        _restore = _statements.Prepare(
            $"""
            UPDATE {names.Local} SET {string.Join(", ", values.Select(static value => $"{value.Name} = {value.Parameter}"))}
            WHERE {string.Join(" AND ", isRow)} AND NOT ({string.Join(" AND ", values.Select(static value => $"{value.Name} IS {value.Parameter} COLLATE BINARY"))})
            """);
    }

    /// <summary>Gets the update, for its parameters.</summary>
    public SqliteStatement Statement { get; }

    public void Run()
    {
        if (_restore is null)
        {
            Statement.Run();
            return;
        }

        var isFound = Statement.Step();
        if (isFound)
        {
            for (var column = 0; column < _columns; column++)
            {
                Statement.CopyTo(column, _restore, column + 1);
            }

            Statement.Step();
        }

        Statement.Reset();
        if (isFound)
        {
            Restore(_restore);
        }
    }

    /// <summary>Runs the update, unless the local table refuses the row.</summary>
    /// <returns>False when it refuses.</returns>
    public bool TryRun()
    {
        try
        {
            Run();
            return true;
        }
        catch (SqliteFailure failure) when (RowRefusal.IsOfOneRow(failure))
        {
            return false;
        }
    }

    public void Dispose() => _statements.Dispose();

    private void Restore(SqliteStatement restore)
    {
        // Most triggers look at what changed, and leave the second write alone: then what follows the table, such as a full-text index, follows it here too.
        // One that writes whatever happens would have the last word each time.
        if (restore.Run() > 0 && restore.Run() > 0)
        {
            _database.WithoutTriggers(restore.Run);
        }
    }
}
