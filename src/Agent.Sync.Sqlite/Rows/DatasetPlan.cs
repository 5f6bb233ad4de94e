using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Sqlite.Values;

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
    /// <param name="mode">Which local rows are replaced.</param>
    /// <param name="isCareful">Whether a row that is refused leaves the transaction open, as it was.</param>
    public string UpsertSql(ReplaceMode mode, bool isCareful)
    {
        var columns = Dataset.Columns.Select(static column => column.LocalName).ToList();
        var parameters = Enumerable.Range(1, columns.Count).Select(static index => $"?{index}");
        // With ABORT, SQLite keeps a journal for each statement as soon as the table has triggers. So a batch is tried without first, and
        // written again with it when a row was refused.
        return $"""
            INSERT OR {(isCareful ? "ABORT" : "ROLLBACK")} INTO {Table} ({Names.List(columns)}) VALUES ({string.Join(", ", parameters)})
            ON CONFLICT ({Names.List(Names.Keys(Dataset))}) DO UPDATE SET {Sets}
            WHERE {Replaces(mode, $"excluded.{Version}", $"{Table}.{Version}")}
            """;
    }

    /// <summary>
    /// Finds a row of the version that arrives whose cursor is earlier. Parameters are the key's columns in key order, the version, the cursor.
    /// The result says whether the cursor that is there is one that the store wrote.
    /// </summary>
    public string RestampedSql()
    {
        var (version, cursor) = ($"?{KeyOrdinals.Length + 1}", $"?{KeyOrdinals.Length + 2}");
        return $"SELECT {Cursor} GLOB '*+00:00*' OR {Cursor} GLOB '*infinity' FROM {Table} WHERE {KeyEquals()} AND {Version} = {version} AND {IsLater(cursor, Cursor)}";
    }

    /// <summary>Writes the condition that a row replaces an older one, by their versions, and by their cursors where the version stood still.</summary>
    /// <param name="arriving">The expression for a column of the row that arrives.</param>
    /// <param name="local">The expression for a column of the row that is there.</param>
    public string ReplacesOlder(Func<string, string> arriving, Func<string, string> local)
    {
        var (version, cursor) = (Dataset.Columns[VersionOrdinal].LocalName, Dataset.Columns[Dataset.CursorOrdinal].LocalName);
        var isOlder = Replaces(ReplaceMode.Older, arriving(version), local(version));
        return HasVersionColumn ? $"({isOlder} OR ({arriving(version)} = {local(version)} AND {IsLater(arriving(cursor), local(cursor))}))" : isOlder;
    }

    /// <summary>Writes the condition that a timestamp is later than another one, both in the store's form.</summary>
    /// <remarks>
    /// The text of a usual year sorts in time order. Years before Christ and beyond 9999, and the infinities, are kept as the server wrote them: there the
    /// year is compared first.
    /// </remarks>
    public static string IsLater(string time, string than)
    {
        return $"({time} IS NOT {than} AND ({Year(time)}, {time}) > ({Year(than)}, {than}))";

        static string Year(string text) =>
            $"CASE WHEN {text} = 'infinity' THEN 1000000 WHEN {text} = '-infinity' THEN -1000000 WHEN substr({text}, -3) = ' BC' THEN -CAST({text} AS INTEGER) ELSE CAST({text} AS INTEGER) END";
    }

    /// <summary>Writes the condition that one version replaces another.</summary>
    /// <param name="mode">When it does.</param>
    /// <param name="version">The version that arrives.</param>
    /// <param name="local">The version that is there.</param>
    // A cursor value may fall while the row gets newer: the transaction that writes last may have begun first.
    private string Replaces(ReplaceMode mode, string version, string local) => (mode, HasVersionColumn) switch
    {
        (ReplaceMode.Older, true) => $"({local} IS NULL OR {version} > {local})",
        (ReplaceMode.Older, false) => $"({version} IS NOT {local})",
        (ReplaceMode.OlderOrSame, true) => $"({local} IS NULL OR {version} >= {local})",
        _ => "1",
    };

    /// <summary>Parameters are the key's columns in key order, then, with a version column, the version.</summary>
    public string DeleteSql()
    {
        var isOlder = HasVersionColumn ? $" AND ({Version} IS NULL OR {Version} <= ?{KeyOrdinals.Length + 1})" : string.Empty;
        return $"{DeleteKeySql()}{isOlder}";
    }

    /// <summary>Parameters are the key's columns in key order.</summary>
    public string DeleteKeySql() => $"DELETE FROM {Table} WHERE {KeyEquals()}";

    private string Table => Names.Quote(Dataset.LocalTable);

    private string Version => Names.Quote(Dataset.Columns[VersionOrdinal].LocalName);

    private string Cursor => Names.Quote(Dataset.Columns[Dataset.CursorOrdinal].LocalName);

    private string Sets => string.Join(", ", Dataset.Columns.Select(static column => column.LocalName).Except(Names.Keys(Dataset)).Select(static name => $"{Names.Quote(name)} = excluded.{Names.Quote(name)}"));

    private string KeyEquals() => string.Join(" AND ", Names.Keys(Dataset).Select(static (name, index) => $"{Names.Quote(name)} = ?{index + 1} COLLATE BINARY"));
}

/// <summary>Which local rows the server's rows replace.</summary>
internal enum ReplaceMode
{
    /// <summary>Those of an older version.</summary>
    Older,

    /// <summary>Those of an older or the same version: a resync.</summary>
    OlderOrSame,

    /// <summary>Any: the answer to a change, and what a resync brings.</summary>
    Always,
}
