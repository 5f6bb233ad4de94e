using System.Buffers;
using System.Text;
using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Rows;

/// <summary>Parks the rows that the local table refuses, and forgets them when a newer version of theirs is stored. Runs in the caller's transaction.</summary>
internal sealed class ParkedRows : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly DatasetPlan _plan;
    private readonly PageBinder _binder;
    private readonly long? _generation;
    private readonly int _kind;
    private readonly AsideTable _aside;
    private readonly Statements _statements;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _park;
    private readonly ArrayBufferWriter<byte> _key = new();

    /// <param name="database">The database.</param>
    /// <param name="plan">The plan of the rows, or of the tombstones.</param>
    /// <param name="binder">The binder.</param>
    /// <param name="generation">The resync under way; null outside one.</param>
    /// <param name="kind">What the pages hold.</param>
    public ParkedRows(SqliteDatabase database, DatasetPlan plan, PageBinder binder, long? generation, int kind = ParkedTable.Row)
    {
        _statements = new Statements(database);
        _database = database;
        _plan = plan;
        _binder = binder;
        _generation = generation;
        _kind = kind;
        _aside = new AsideTable(database, plan);

        // A row with the sequence of a tombstone is newer: the key was inserted again.
        var isOlder = kind == ParkedTable.Tombstone ? "version IS NULL OR version < ?3" : plan.HasVersionColumn ? "version IS NULL OR version <= ?3" : "1 OR ?3";
        _find = _statements.Prepare($"SELECT id, {isOlder} FROM {ParkedTable.Name} WHERE local_table = ?1 AND key = ?2");
        _park = _statements.Prepare(
            $"""
            INSERT INTO {ParkedTable.Name} (local_table, key, version, kind, content, code, constraint_name, generation)
            VALUES (?1, ?2, ?3, {kind}, ?4, ?5, ?6, ?7)
            ON CONFLICT (local_table, key) DO UPDATE SET version = excluded.version, kind = excluded.kind, content = excluded.content, code = excluded.code,
                constraint_name = excluded.constraint_name, generation = excluded.generation
            """);
    }

    /// <summary>Gets a value indicating whether a row was parked here.</summary>
    public bool HasParked { get; private set; }

    /// <summary>Keeps a row that was refused, instead of an older one of its key.</summary>
    public void Park(Page page, int row, SqliteFailure failure)
    {
        HasParked = true;
        if (Find(page, row) is { IsOlder: false } newer)
        {
            Renew(newer.Id);
            return;
        }

        BindKey(_park, page, row);
        _park.BindBlob(4, page.GetRow(row).Span);
        _park.Bind(5, RowRefusal.CodeOf(failure));
        _park.BindOrNull(6, RowRefusal.ConstraintOf(failure));
        _park.BindOrNull(7, _generation);
        _park.Run();
    }

    /// <summary>Whether a row of the key is parked.</summary>
    public bool Has(Page page, int row) => Find(page, row) is not null;

    /// <summary>Forgets the parked row of a key whose row is stored, removed, or known to a local change now.</summary>
    public void Forget(Page page, int row)
    {
        if (Find(page, row) is not { } found)
        {
            return;
        }

        if (!found.IsOlder)
        {
            Renew(found.Id);
            return;
        }

        _aside.GiveBack(found.Id, page, row, _binder);
        ParkedTable.Remove(_database, found.Id);
    }

    public void Dispose()
    {
        _statements.Dispose();
        _aside.Dispose();
    }

    private (long Id, bool IsOlder)? Find(Page page, int row)
    {
        BindKey(_find, page, row);
        (long, bool)? found = _find.Step() ? (_find.Int64(0), _find.Int64(1) != 0) : null;
        _find.Reset();
        return found;
    }

    /// <summary>A resync brought the key, if in an older version: what is parked belongs to it.</summary>
    private void Renew(long id)
    {
        if (_generation is { } generation && _kind == ParkedTable.Row)
        {
            using var renew = _database.Prepare($"UPDATE {ParkedTable.Name} SET generation = ?2 WHERE id = ?1");
            renew.Bind(1, id);
            renew.Bind(2, generation);
            renew.Run();
        }
    }

    private void BindKey(SqliteStatement statement, Page page, int row)
    {
        statement.Bind(1, _plan.Dataset.LocalTable);
        _key.ResetWrittenCount();
        WriteKey(page, row, _key);
        statement.BindText(2, _key.WrittenSpan);
        _binder.Bind(statement, 3, page, row, _plan.VersionOrdinal);
    }

    /// <summary>Writes the key as a JSON object, in the server's own text.</summary>
    public static void WriteKey(Page page, int row, IBufferWriter<byte> key)
    {
        for (var i = 0; i < page.Dataset.KeyOrdinals.Count; i++)
        {
            // Names are identifiers, and a cell's text still has its escapes: nothing here needs to be escaped.
            var ordinal = page.Dataset.KeyOrdinals[i];
            var cell = page.GetCell(row, ordinal);
            var quote = cell.Kind is PageCellKind.String or PageCellKind.EscapedString ? "\""u8 : default;
            key.Write(i == 0 ? "{\""u8 : ",\""u8);
            Encoding.UTF8.GetBytes(page.Dataset.Columns[ordinal].Name, key);
            key.Write("\":"u8);
            key.Write(quote);
            key.Write(cell.Utf8);
            key.Write(quote);
        }

        key.Write("}"u8);
    }
}
