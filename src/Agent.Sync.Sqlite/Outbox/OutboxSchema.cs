using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>Makes a local table's outbox and triggers, keeps them in step with its columns, and notices when they were gone. Runs in the caller's transaction.</summary>
internal sealed class OutboxSchema(SqliteDatabase database, Dataset dataset)
{
    // What earlier versions of the outbox did not have.
    private static readonly string[] LaterColumns = ["found INTEGER", "sent BLOB", $"{OutboxNames.IsCompared} INTEGER"];

    private const string IsOurs = $"substr(name, 1, 11) = '{Names.Prefix}'";

    /// <summary>Returns the columns that a local table's outbox records; null where it has none.</summary>
    public static IReadOnlyCollection<string>? ReadRecorded(SqliteDatabase database, Dataset dataset) =>
        LocalTable.Read(database, new OutboxNames(dataset).TableName) is { } outbox
            ? [.. outbox.Columns.Select(static column => column.Name).Where(static name => name is ['k' or 'b', '_', ..]).Select(static name => name[2..])]
            : null;

    /// <summary>
    /// Returns the names with every column that the outbox records and the table still has. A shape that the dataset had before may have had more of them, and
    /// may come back: where the SQL kit is in use, a run has its sequence, and what is asked between runs does not.
    /// </summary>
    public static OutboxNames ReadNames(SqliteDatabase database, Dataset dataset) =>
        ReadNames(dataset, LocalTable.Read(database, dataset.LocalTable)!, LocalTable.Read(database, OutboxNames.TableOf(dataset.LocalTable))!);

    private static OutboxNames ReadNames(Dataset dataset, LocalTable table, LocalTable outbox) =>
        new(dataset, table.Columns.Where(column => !column.IsGenerated && outbox.Find($"b_{column.Name}") is not null).Select(static column => column.Name));

    /// <summary>Returns the outbox's columns of marks.</summary>
    public static IReadOnlyList<string> ReadMarks(SqliteDatabase database, OutboxNames names)
    {
        using var statement = database.Prepare("SELECT name FROM pragma_table_info(?1) WHERE substr(name, 1, 7) = 'edited_'");
        statement.Bind(1, names.TableName);
        var marks = new List<string>();
        while (statement.Step())
        {
            marks.Add(statement.Text(0));
        }

        return marks;
    }

    /// <summary>Returns the statements that make an outbox's indexes, by their names.</summary>
    public static IReadOnlyDictionary<string, string> Indexes(string outbox, string keyColumns) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [$"{outbox}_key"] = $"CREATE INDEX {Names.Quote($"{outbox}_key")} ON {Names.Quote(outbox)} ({keyColumns}, state)",
        [$"{outbox}_code"] = $"CREATE INDEX {Names.Quote($"{outbox}_code")} ON {Names.Quote(outbox)} (code) WHERE code IS NOT NULL",
    };

    /// <summary>Fails when triggers are gone that were there when the table was prepared: the app migrated it meanwhile, and what it edited since is not recorded.</summary>
    /// <exception cref="SyncStoreException">They are gone.</exception>
    public static void RequireTriggers(SqliteDatabase database, Dataset dataset)
    {
        using var statement = database.Prepare(
            $"SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE AND {IsOurs}");
        statement.Bind(1, dataset.LocalTable);
        statement.Step();
        if (statement.Int64(0) < TriggerSql.Count)
        {
            throw new SyncStoreException(
                SyncErrorKind.StoreFailed,
                $"The local table '{dataset.LocalTable}' was rebuilt, or its triggers were dropped, while a sync was under way: nothing was written. Sync again, so that edits made since are found.",
                dataset.Name,
                isTransient: true);
        }
    }

    /// <param name="before">The local table as it was found; null when it was missing.</param>
    /// <param name="records">Whether edits are to be recorded.</param>
    /// <param name="columns">What became of the table's columns.</param>
    /// <param name="isRenamed">Whether the table was renamed and its triggers came along, under their former names.</param>
    /// <returns>Whether edits may have been missed, and whether that was noticed just now.</returns>
    public (bool HasUnrecorded, bool IsNews) Prepare(LocalTable? before, bool records, ColumnChanges columns, bool isRenamed)
    {
        var known = OutboxRegistry.Read(database, dataset.LocalTable);
        if (!records)
        {
            DropTriggers(ReadTriggers().Keys);
            return (false, false);
        }

        var table = LocalTable.Read(database, dataset.LocalTable)!;
        var names = PrepareTable(table, columns);
        var numbers = columns.Columns.Values.ToDictionary(static column => column.Name, static column => column.Number, StringComparer.OrdinalIgnoreCase);
        var expected = new TriggerSql(names, table, dataset.Columns[dataset.VersionOrdinal ?? dataset.CursorOrdinal].LocalName, numbers).All();
        var (unrecorded, isNews) = Notice(known, names, numbers, before, isRenamed || expected.Keys.All(ReadTriggers().ContainsKey));
        if (unrecorded == RecordingGap.RowsGone)
        {
            // What these edits made of their rows went with the rows. As deletes they would be sent.
            database.Execute($"DELETE FROM {names.Table}");
        }
        else if (isNews)
        {
            if (known is not RecordingGap.TriggersGone)
            {
                // Their bases were recorded while nothing was missing.
                database.Execute($"UPDATE {names.Table} SET {OutboxNames.IsCompared} = 1");
            }

            new UnmarkedEdits(database, dataset, names, columns).Hold();
            if (ReadTriggers().Count == 0)
            {
                // While one of them is left no column was dropped: SQLite refuses that, since they name all of them.
                DoubtfulColumns.Begin(database, dataset);
            }
        }

        PutBack(expected);
        if (unrecorded != known)
        {
            OutboxRegistry.Write(database, dataset.LocalTable, unrecorded);
        }

        return (unrecorded != RecordingGap.None, isNews);
    }

    private (RecordingGap Unrecorded, bool IsNews) Notice(RecordingGap? known, OutboxNames names, Dictionary<string, int> numbers, LocalTable? before, bool isComplete)
    {
        if (known is not { } state)
        {
            return before is null ? (RecordingGap.None, false) : Adopt(names, numbers, before);
        }

        if (isComplete && before is not null)
        {
            return (state, false);
        }

        return (LocalTable.HasRows(database, dataset.LocalTable) ? RecordingGap.TriggersGone : RecordingGap.RowsGone, true);
    }

    /// <summary>
    /// Takes over a table that the app filled before edits were recorded. A row without the server's version and time is the app's own: an insert. Where the table
    /// lacked one of these columns, as an app's table does the SQL kit's, the other ones tell only that no row is the server's. If one may be, the rows are compared
    /// with the server's, and those that the server does not have are kept and named.
    /// </summary>
    private (RecordingGap Unrecorded, bool IsNews) Adopt(OutboxNames names, Dictionary<string, int> numbers, LocalTable before)
    {
        if (!LocalTable.HasRows(database, dataset.LocalTable))
        {
            return (RecordingGap.None, false);
        }

        int[] telling = [dataset.VersionOrdinal ?? dataset.CursorOrdinal, dataset.CursorOrdinal];
        var isServers = ServerTrace.Condition(dataset, column => before.Find(column) is not null);
        if (isServers is null || (telling.Any(ordinal => before.Find(dataset.Columns[ordinal].LocalName) is null)
            && database.QueryInt64($"SELECT EXISTS (SELECT 1 FROM {names.Local} WHERE {isServers})") == 1))
        {
            return (RecordingGap.TriggersGone, true);
        }

        // Marked as an insert that a trigger saw: should a column leave the dataset while the row waits, its value is kept.
        var marks = names.Values.Where(numbers.ContainsKey).GroupBy(column => numbers[column] / OutboxNames.MarksPerColumn).ToList();
        database.Execute(
            $"""
            INSERT INTO {names.Table} ({names.KeyColumns}, has_base{string.Concat(marks.Select(static group => $", {OutboxNames.Edited(group.Key)}"))})
            SELECT {string.Join(", ", names.Keys.Select(key => $"{names.Local}.{Names.Quote(key)}"))}, 0{string.Concat(marks.Select(
                group => $", {string.Join(" | ", group.Select(column => $"(({names.Local}.{Names.Quote(column)} IS NOT NULL) << {numbers[column] % OutboxNames.MarksPerColumn})"))}"))}
            FROM {names.Local} WHERE NOT {isServers}
            AND {string.Join(" AND ", names.Keys.Select(key => $"{names.Local}.{Names.Quote(key)} IS NOT NULL"))}
            """);
        return (RecordingGap.None, false);
    }

    private OutboxNames PrepareTable(LocalTable table, ColumnChanges columns)
    {
        var names = new OutboxNames(dataset);
        if (LocalTable.Read(database, names.TableName) is not { } outbox)
        {
            Create(names, table, columns);
            return names;
        }

        if (!HasKeys(outbox, names))
        {
            Replace(names, table, columns);
            return names;
        }

        names = ReadNames(dataset, table, outbox);
        AddMarks(names, outbox, columns);
        var added = names.Values.Where(column => outbox.Find($"b_{column}") is null).ToList();
        foreach (var column in added)
        {
            database.Execute($"ALTER TABLE {names.Table} ADD COLUMN {OutboxNames.Base(column)}");
            database.Execute($"ALTER TABLE {names.Table} ADD COLUMN {OutboxNames.Server(column)}");
        }

        new ColumnMigration(database, names, table).Apply(columns, added);
        return names;
    }

    private static bool HasKeys(LocalTable outbox, OutboxNames names) =>
        names.Keys.All(key => outbox.Find($"k_{key}") is not null)
        && outbox.Columns.Count(static column => column.Name.StartsWith("k_", StringComparison.OrdinalIgnoreCase)) == names.Keys.Count;

    private void Replace(OutboxNames names, LocalTable table, ColumnChanges columns)
    {
        if (LocalTable.HasRows(database, names.TableName))
        {
            throw new SyncSchemaException(
                SyncErrorKind.LocalSchema,
                $"The key of dataset '{dataset.Name}' changed while local changes of '{dataset.LocalTable}' wait under the old one: push or discard them first.",
                dataset.Name);
        }

        DropTriggers(ReadTriggers().Keys);
        database.Execute($"DROP TABLE {names.Table}");
        Create(names, table, columns);
    }

    private void Create(OutboxNames names, LocalTable table, ColumnChanges columns)
    {
        // The types of the local table: between columns of different affinity SQLite would not use the index. No constraints: see TriggerSql.
        var keys = names.Keys.Select(key => $"{OutboxNames.Key(key)} {table.Find(key)?.DeclaredType}");
        var marks = string.Concat(Marks(columns).Select(static index => $", {OutboxNames.Edited(index)} INTEGER DEFAULT 0"));
        database.Execute(
            $"""
            CREATE TABLE {names.Table} (
                id INTEGER PRIMARY KEY AUTOINCREMENT, {string.Join(", ", keys)}, state INTEGER DEFAULT 0, operation BLOB, kind INTEGER,
                has_base INTEGER, has_server INTEGER DEFAULT 0, code TEXT, constraint_name TEXT, rejected_at INTEGER, found INTEGER, sent BLOB, {OutboxNames.IsCompared} INTEGER{marks}
                {names.ValueList(OutboxNames.Base)}{names.ValueList(OutboxNames.Server)})
            """);
        foreach (var index in Indexes(names.TableName, names.KeyColumns).Values)
        {
            database.Execute(index);
        }
    }

    private void AddMarks(OutboxNames names, LocalTable outbox, ColumnChanges columns)
    {
        foreach (var column in LaterColumns.Where(column => outbox.Find(column.Split(' ')[0]) is null))
        {
            database.Execute($"ALTER TABLE {names.Table} ADD COLUMN {column}");
        }

        foreach (var mark in Marks(columns).Select(OutboxNames.Edited).Where(mark => outbox.Find(mark) is null))
        {
            database.Execute($"ALTER TABLE {names.Table} ADD COLUMN {mark} INTEGER DEFAULT 0");

            // An earlier version did not write down which columns its edits touched.
            database.Execute($"UPDATE {names.Table} SET {mark} = -1");
        }
    }

    private static IEnumerable<int> Marks(ColumnChanges columns) =>
        Enumerable.Range(0, columns.Columns.Values.Select(static column => column.Number).DefaultIfEmpty(0).Max() / OutboxNames.MarksPerColumn + 1);

    private Dictionary<string, string> ReadTriggers()
    {
        using var statement = database.Prepare(
            $"SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE AND {IsOurs}");
        statement.Bind(1, dataset.LocalTable);
        var found = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (statement.Step())
        {
            found[statement.Text(0)] = statement.Text(1);
        }

        return found;
    }

    private void PutBack(IReadOnlyDictionary<string, string> expected)
    {
        var found = ReadTriggers();
        if (IsBehindTheApps())
        {
            DropTriggers(found.Keys);
            found.Clear();
        }

        DropTriggers(found.Where(trigger => expected.GetValueOrDefault(trigger.Key) != trigger.Value).Select(static trigger => trigger.Key));
        foreach (var (name, sql) in expected)
        {
            if (found.GetValueOrDefault(name) != sql)
            {
                // One of this name may hang on a table that was renamed.
                database.Execute($"DROP TRIGGER IF EXISTS {Names.Quote(name)}");
                database.Execute(sql);
            }
        }
    }

    /// <summary>Whether a trigger of the app's was made after these, and fires before them. None of the edits depends on it but those of rows whose key SQLite makes.</summary>
    private bool IsBehindTheApps() => database.QueryInt64(
        $"""
        SELECT max(CASE WHEN {IsOurs} THEN NULL ELSE rowid END) > min(CASE WHEN {IsOurs} THEN rowid END)
        FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = '{dataset.LocalTable}' COLLATE NOCASE
        """) == 1;

    private void DropTriggers(IEnumerable<string> triggers)
    {
        foreach (var trigger in triggers)
        {
            database.Execute($"DROP TRIGGER IF EXISTS {Names.Quote(trigger)}");
        }
    }
}
