using Agent.Sync.Sqlite.Configuration;
using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Schema;

/// <summary>Makes a dataset's table, adds columns that are new, or refuses a table that does not fit.</summary>
internal sealed class SchemaPreparer(SqliteDatabase database, CheckedOptions options)
{
    private readonly SqliteUuidFormat _uuidFormat = options.UuidFormat;

    /// <summary>Runs in the caller's transaction, so that a refusal leaves nothing behind.</summary>
    /// <returns>The table as it was found; null when it was missing and is new.</returns>
    public LocalTable? Prepare(Dataset dataset)
    {
        var name = dataset.LocalTable;
        if (name.StartsWith(Names.Prefix, StringComparison.OrdinalIgnoreCase) || name.StartsWith("sqlite_", StringComparison.OrdinalIgnoreCase))
        {
            throw Refuse(dataset, $"The local table '{name}' has a name that is kept for bookkeeping: choose another with ToTable.");
        }

        if (LocalTable.Read(database, name) is { } table)
        {
            Check(dataset, table);
            AddMissing(dataset, table);
            return table;
        }

        if (!options.CreateMissingTables)
        {
            throw SqliteErrors.MissingTable(dataset, $"has no table '{name}'");
        }

        Create(dataset);
        return null;
    }

    private static SyncSchemaException Refuse(Dataset dataset, string message) => new(SyncErrorKind.LocalSchema, message, dataset.Name);

    private void Create(Dataset dataset)
    {
        var keys = Names.Keys(dataset).ToList();
        var columns = dataset.Columns.Select((column, ordinal) =>
            $"{Names.Quote(column.LocalName)} {TypeIn(dataset, column, ordinal)}{(dataset.KeyOrdinals.Contains(ordinal) ? " NOT NULL" : string.Empty)}");
        // A rowid table: WITHOUT ROWID keeps the rows in the order of a random key, and each write touches another page.
        database.Execute($"CREATE TABLE {Names.Quote(dataset.LocalTable)} ({string.Join(", ", columns)}, PRIMARY KEY ({Names.List(keys)}))");
    }

    private static string NameOf(string kind) => kind switch
    {
        "virtual" => "a virtual table",
        "shadow" => "part of a virtual table",
        _ => $"a {kind}",
    };

    // An INTEGER PRIMARY KEY is SQLite's rowid, which fills itself: two devices would count to the same numbers.
    private string TypeIn(Dataset dataset, DatasetColumn column, int ordinal) =>
        column.Type == ColumnType.Integer && dataset.KeyOrdinals.Contains(ordinal) ? "BIGINT" : ColumnStorage.DeclaredType(column.Type, _uuidFormat);

    /// <summary>Refuses a table that is there and does not fit.</summary>
    /// <exception cref="SyncSchemaException">It does not; the message says what to change.</exception>
    public void Check(Dataset dataset, LocalTable table)
    {
        if (!string.Equals(table.Kind, "table", StringComparison.Ordinal))
        {
            throw Refuse(dataset, $"The local table '{dataset.LocalTable}' is {NameOf(table.Kind)}: give the dataset a table of its own with ToTable.");
        }

        foreach (var column in dataset.Columns)
        {
            CheckColumn(dataset, table, column);
        }

        var declared = dataset.Columns.Select(static column => column.LocalName).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var extra in table.Columns.Where(column => !declared.Contains(column.Name)))
        {
            if (extra is { IsRequired: true, IsGenerated: false } && extra != table.RowidAlias)
            {
                throw Refuse(
                    dataset,
                    $"Column '{extra.Name}' ({extra.DeclaredType}) of the local table '{dataset.LocalTable}' is NOT NULL without a default and not part of the dataset: let it be null, give it a default, or add it to the dataset.");
            }
        }

        var keys = Names.Keys(dataset).ToList();
        if (!table.IsUnique(keys))
        {
            throw Refuse(
                dataset,
                $"The local table '{dataset.LocalTable}' has no primary key or unique index, with collation BINARY, on exactly the key ({string.Join(", ", keys)}): add one.");
        }
    }

    private void CheckColumn(Dataset dataset, LocalTable table, DatasetColumn column)
    {
        if (table.Find(column.LocalName) is not { } local)
        {
            return;
        }

        if (local.IsGenerated)
        {
            throw Refuse(dataset, $"Column '{column.LocalName}' of the local table '{dataset.LocalTable}' is generated: rename it, or leave it out of the dataset.");
        }

        if (!ColumnStorage.Accepts(local.DeclaredType, column.Type, _uuidFormat))
        {
            throw Refuse(
                dataset,
                $"Column '{column.LocalName}' of the local table '{dataset.LocalTable}' is declared '{local.DeclaredType}', but the dataset declares it {column.Type}, which is kept as {ColumnStorage.DeclaredType(column.Type, _uuidFormat)}: change one of the two.");
        }
    }

    private void AddMissing(Dataset dataset, LocalTable table)
    {
        foreach (var column in dataset.Columns.Where(column => table.Find(column.LocalName) is null))
        {
            database.Execute(
                $"ALTER TABLE {Names.Quote(dataset.LocalTable)} ADD COLUMN {Names.Quote(column.LocalName)} {ColumnStorage.DeclaredType(column.Type, _uuidFormat)}");
        }
    }
}
