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

    /// <summary>Gets the column that tells a row's versions apart: the version column, or the cursor column.</summary>
    public int VersionOrdinal { get; }

    /// <summary>Gets a value indicating whether versions have an order, and are not merely told apart.</summary>
    public bool HasVersionColumn => Dataset.VersionOrdinal is not null;

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
        return $"""
            INSERT INTO {Table} ({Names.List(columns)}) VALUES ({string.Join(", ", parameters)})
            ON CONFLICT ({Names.List(keys)}) DO UPDATE SET {string.Join(", ", sets)}
            WHERE {Replaces(replaceEqual)}
            """;
    }

    /// <summary>Parameters are the key's columns in key order, then, with a version column, the version.</summary>
    public string DeleteSql()
    {
        var isOlder = HasVersionColumn ? $" AND ({Version} IS NULL OR {Version} <= ?{KeyOrdinals.Length + 1})" : string.Empty;
        return $"DELETE FROM {Table} WHERE {KeyEquals()}{isOlder}";
    }

    private string Table => Names.Quote(Dataset.LocalTable);

    private string Version => Names.Quote(Dataset.Columns[VersionOrdinal].Name);

    // A cursor value may fall while the row gets newer: the transaction that writes last may have begun first.
    private string Replaces(bool replaceEqual)
    {
        var local = $"{Table}.{Version}";
        return (HasVersionColumn, replaceEqual) switch
        {
            (true, _) => $"{local} IS NULL OR excluded.{Version} {(replaceEqual ? ">=" : ">")} {local}",
            (false, true) => "true",
            (false, false) => $"excluded.{Version} IS NOT {local}",
        };
    }

    private string KeyEquals() => string.Join(" AND ", Names.Keys(Dataset).Select(static (name, index) => $"{Names.Quote(name)} = ?{index + 1}"));
}
