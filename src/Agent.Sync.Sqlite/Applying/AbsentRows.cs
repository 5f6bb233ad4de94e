using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Applying;

/// <summary>
/// The versions of rows that a search for unrecorded edits found on the server and not in the table. An app that changes a row's key leaves such a version behind. The
/// row itself is then in the table under a key that the server does not know, and looks like a row that the server deleted. Runs in the caller's transaction.
/// </summary>
internal sealed class AbsentRows : IDisposable
{
    private readonly PageBinder _binder;
    private readonly SqliteStatement _add;
    private readonly int _version;
    private readonly int _cursor;

    public AbsentRows(SqliteDatabase database, DatasetPlan plan, PageBinder binder)
    {
        var table = TableOf(plan.Dataset);
        _binder = binder;
        _version = plan.VersionOrdinal;
        _cursor = plan.Dataset.CursorOrdinal;
        database.Execute($"CREATE TABLE IF NOT EXISTS {table} (version, cursor, is_new INTEGER)");
        database.Execute($"CREATE INDEX IF NOT EXISTS {table}_row ON {table} (version, cursor)");
        _add = database.Prepare($"INSERT INTO {table} (version, cursor, is_new) VALUES (?1, ?2, ?3)");
    }

    /// <summary>Remembers a row's version.</summary>
    /// <param name="page">The page.</param>
    /// <param name="row">Its row.</param>
    /// <param name="isNew">Whether the server may have written it since it was in the table; otherwise it is the version that was in the table.</param>
    public void Add(Page page, int row, bool isNew)
    {
        _binder.Bind(_add, 1, page, row, _version);
        _binder.Bind(_add, 2, page, row, _cursor);
        _add.Bind(3, isNew ? 1L : 0L);
        _add.Run();
    }

    public void Dispose() => _add.Dispose();

    /// <summary>Writes the condition that a local row, which came from the server and whose key the server does not have, may be one of the absent rows under a new key.</summary>
    /// <param name="database">The database.</param>
    /// <param name="dataset">The dataset.</param>
    /// <param name="isRead">Whether a column has been in the table for as long as its rows.</param>
    /// <param name="value">A column of the row, as an expression.</param>
    /// <remarks>
    /// A row that the server has written since has a later version, and nothing tells which row it was. So some rows that the server deleted are kept, if the server wrote others
    /// meanwhile.
    /// </remarks>
    public static string MayBeMoved(SqliteDatabase database, Dataset dataset, Func<string, bool> isRead, Func<string, string> value)
    {
        var version = dataset.VersionOrdinal ?? dataset.CursorOrdinal;
        var own = ServerTrace.Own(dataset).Where(ordinal => isRead(dataset.Columns[ordinal].LocalName)).ToList();
        if (!Exists(database, dataset))
        {
            return "0";
        }

        var table = TableOf(dataset);
        if (own.Count == 0)
        {
            // The table lost what tells versions apart: it may be any of them.
            return $"EXISTS (SELECT 1 FROM {table})";
        }

        var isSame = string.Join(" AND ", own.Select(ordinal => $"{NameOf(ordinal)} IS {ValueOf(ordinal)}"));
        var isLater = string.Join(" AND ", own.Select(ordinal => ordinal == dataset.CursorOrdinal
            ? DatasetPlan.IsLater($"(SELECT max({NameOf(ordinal)}) FROM {table} WHERE is_new)", ValueOf(ordinal))
            : $"(SELECT max({NameOf(ordinal)}) FROM {table} WHERE is_new) > {ValueOf(ordinal)}"));
        return $"(EXISTS (SELECT 1 FROM {table} WHERE {isSame}) OR coalesce({isLater}, 0))";

        string NameOf(int ordinal) => ordinal == version ? "version" : "cursor";

        string ValueOf(int ordinal) => value(dataset.Columns[ordinal].LocalName);
    }

    /// <summary>Forgets all: the search is over.</summary>
    public static void Drop(SqliteDatabase database, Dataset dataset) => database.Execute($"DROP TABLE IF EXISTS {TableOf(dataset)}");

    private static bool Exists(SqliteDatabase database, Dataset dataset)
    {
        using var statement = database.Prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1");
        statement.Bind(1, TableOf(dataset));
        return statement.Step();
    }

    private static string TableOf(Dataset dataset) => $"{Names.Prefix}absent_{CheckpointId.For(dataset).Id}";
}
