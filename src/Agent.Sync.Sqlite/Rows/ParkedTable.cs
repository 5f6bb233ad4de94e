using System.Globalization;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Rows;

/// <summary>The server's rows that the local table refused, as they came. Runs in the caller's transaction.</summary>
internal static class ParkedTable
{
    public const string Name = Names.Prefix + "parked";

    /// <summary>The kind of an entry that holds a row.</summary>
    public const int Row = 0;

    /// <summary>The kind of an entry that holds the tombstone of a row.</summary>
    public const int Tombstone = 1;

    private const string Shown = "id, key, kind, code, constraint_name";

    public static long Count(SqliteDatabase database, string localTable)
    {
        using var statement = database.Prepare($"SELECT count(*) FROM {Name} WHERE local_table = ?1");
        statement.Bind(1, localTable);
        statement.Step();
        return statement.Int64(0);
    }

    public static bool Any(SqliteDatabase database, string localTable, string? code = null)
    {
        using var statement = database.Prepare($"SELECT EXISTS (SELECT 1 FROM {Name} WHERE local_table = ?1 AND (?2 IS NULL OR code = ?2))");
        statement.Bind(1, localTable);
        statement.BindOrNull(2, code);
        statement.Step();
        return statement.Int64(0) != 0;
    }

    public static IReadOnlyList<ParkedRow> List(SqliteDatabase database, Dataset dataset, long after, int limit)
    {
        using var statement = database.Prepare($"SELECT {Shown} FROM {Name} WHERE local_table = ?1 AND id > ?2 ORDER BY id LIMIT ?3");
        statement.Bind(1, dataset.LocalTable);
        statement.Bind(2, after);
        statement.Bind(3, limit);
        var found = new List<ParkedRow>();
        while (statement.Step())
        {
            found.Add(Read(statement, dataset));
        }

        return found;
    }

    /// <summary>Finds the entry of a key, which is a JSON object in the server's own text.</summary>
    public static ParkedRow? Find(SqliteDatabase database, Dataset dataset, string key)
    {
        using var statement = database.Prepare($"SELECT {Shown} FROM {Name} WHERE local_table = ?1 AND key = ?2");
        statement.Bind(1, dataset.LocalTable);
        statement.Bind(2, key);
        return statement.Step() ? Read(statement, dataset) : null;
    }

    /// <summary>Reads the entries to be tried again, oldest first.</summary>
    /// <param name="database">The database.</param>
    /// <param name="localTable">The local table.</param>
    /// <param name="limit">At most so many, the newest; null for all.</param>
    public static List<(long Id, int Kind, byte[] Content)> Read(SqliteDatabase database, string localTable, int? limit)
    {
        var newest = limit is { } most ? $" ORDER BY id DESC LIMIT {most.ToString(CultureInfo.InvariantCulture)}" : string.Empty;
        using var statement = database.Prepare($"SELECT id, kind, content FROM (SELECT * FROM {Name} WHERE local_table = ?1{newest}) ORDER BY id");
        statement.Bind(1, localTable);
        var found = new List<(long, int, byte[])>();
        while (statement.Step())
        {
            found.Add((statement.Int64(0), (int)statement.Int64(1), statement.Blob(2)));
        }

        return found;
    }

    /// <summary>Names a row that a resync did not bring and that a trigger of the app's did not let go. The next resync tries again.</summary>
    public static void AddDelete(SqliteDatabase database, string localTable, ReadOnlySpan<byte> key)
    {
        using var statement = database.Prepare(
            $"INSERT OR REPLACE INTO {Name} (local_table, key, kind, content, code) VALUES (?1, ?2, {Tombstone.ToString(CultureInfo.InvariantCulture)}, ?3, '{RowRefusal.Trigger}')");
        statement.Bind(1, localTable);
        statement.BindText(2, key);
        statement.BindBlob(3, key);
        statement.Run();
    }

    public static void Remove(SqliteDatabase database, long id)
    {
        using var statement = database.Prepare($"DELETE FROM {Name} WHERE id = ?1");
        statement.Run(id);
    }

    /// <summary>Forgets what a complete resync did not bring.</summary>
    public static void RemoveUnseen(SqliteDatabase database, string localTable, long generation)
    {
        using var statement = database.Prepare($"DELETE FROM {Name} WHERE local_table = ?1 AND generation IS NOT ?2");
        statement.Bind(1, localTable);
        statement.Bind(2, generation);
        if (statement.Run() > 0)
        {
            AsideTable.RemoveOrphans(database, localTable);
        }
    }

    private static ParkedRow Read(SqliteStatement statement, Dataset dataset) => new()
    {
        Id = statement.Int64(0),
        Dataset = dataset.Name,
        Key = statement.Text(1),
        IsDelete = statement.Int64(2) == Tombstone,
        Code = statement.Text(3),
        Constraint = statement.IsNull(4) ? null : statement.Text(4),
    };
}
