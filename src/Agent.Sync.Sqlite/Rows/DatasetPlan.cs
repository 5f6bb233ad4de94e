using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Rows;

/// <summary>What is decided once per dataset, so that nothing is decided per row: binders and statements' texts.</summary>
internal sealed class DatasetPlan
{
    public DatasetPlan(Dataset dataset, SqliteUuidFormat uuidFormat)
    {
        Dataset = dataset;
        Binders = [.. dataset.Columns.Select(column => ColumnBinder.For(column.Type, uuidFormat))];
        KeyOrdinals = [.. dataset.KeyOrdinals];
        VersionOrdinal = dataset.VersionOrdinal ?? dataset.CursorOrdinal;
        RemoveOrdinal = dataset is { DeletedOrdinal: { } deleted, DeleteHandling: DeleteHandling.Remove } ? deleted : null;
        IsRequired = new bool[Binders.Length];
        foreach (var ordinal in KeyOrdinals.Append(VersionOrdinal))
        {
            IsRequired[ordinal] = true;
        }
    }

    public Dataset Dataset { get; }

    public ColumnBinder[] Binders { get; }

    /// <summary>Gets, per column, whether a row without a value there cannot be placed.</summary>
    public bool[] IsRequired { get; }

    public int[] KeyOrdinals { get; }

    /// <summary>Gets the column by which a row is newer than another: the version column, or the cursor column.</summary>
    public int VersionOrdinal { get; }

    /// <summary>Gets the column that removes the local row when it is set; null when none does.</summary>
    public int? RemoveOrdinal { get; }

    /// <summary>Parameter n is column n of the dataset, from 1.</summary>
    /// <param name="replaceEqual">Whether an equal version is written again: the resync.</param>
    public string UpsertSql(bool replaceEqual)
    {
        var columns = Dataset.Columns.Select(static column => column.Name).ToList();
        var keys = Names.Keys(Dataset).ToList();
        var sets = columns.Except(keys).Select(static name => $"{Names.Quote(name)} = excluded.{Names.Quote(name)}");
        var parameters = Enumerable.Range(1, columns.Count).Select(static index => $"?{index}");
        var local = $"{Table}.{Version}";
        return $"""
            INSERT INTO {Table} ({Names.List(columns)}) VALUES ({string.Join(", ", parameters)})
            ON CONFLICT ({Names.List(keys)}) DO UPDATE SET {string.Join(", ", sets)}
            WHERE {local} IS NULL OR excluded.{Version} {(replaceEqual ? ">=" : ">")} {local}
            """;
    }

    /// <summary>Parameters are the key's columns in key order, then the version.</summary>
    public string DeleteSql() =>
        $"DELETE FROM {Table} WHERE {KeyEquals()} AND ({Version} IS NULL OR {Version} <= ?{KeyOrdinals.Length + 1})";

    private string Table => Names.Quote(Dataset.LocalTable);

    private string Version => Names.Quote(Dataset.Columns[VersionOrdinal].Name);

    private string KeyEquals() => string.Join(" AND ", Names.Keys(Dataset).Select(static (name, index) => $"{Names.Quote(name)} = ?{index + 1}"));
}
