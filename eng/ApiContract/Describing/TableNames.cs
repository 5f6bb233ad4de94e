using Agent.Sync;

namespace ApiContract.Describing;

/// <summary>A dataset with what the descriptions of its operations share.</summary>
internal sealed class TableNames(Dataset dataset)
{
    /// <summary>The column that the SQL kit adds to a table and stamps.</summary>
    public static DatasetColumn Sequence { get; } = new("sync_seq", ColumnType.Integer);

    public Dataset Dataset { get; } = dataset;

    public string Table => Dataset.RemoteTable;

    public IReadOnlyList<DatasetColumn> Keys { get; } = [.. dataset.KeyOrdinals.Select(ordinal => dataset.Columns[ordinal])];

    public DatasetColumn Cursor => Dataset.Columns[Dataset.CursorOrdinal];

    /// <summary>Gets the column whose old value a change is based on.</summary>
    public DatasetColumn Version => Dataset.Columns[Dataset.VersionOrdinal ?? Dataset.CursorOrdinal];

    /// <summary>Gets the columns that a change may carry.</summary>
    public IReadOnlyList<DatasetColumn> Pushed { get; } = [.. dataset.PushedOrdinals.Select(ordinal => dataset.Columns[ordinal])];

    /// <summary>Gets the declared columns, and the kit's where it is not among them.</summary>
    public IReadOnlyList<DatasetColumn> AllColumns { get; } =
        dataset.Columns.Any(static column => column.Name == Sequence.Name) ? dataset.Columns : [.. dataset.Columns, Sequence];

    public string Row => Table + ".row";

    public string Insert => Table + ".insert";

    public string Change => Table + ".change";

    public string Tombstone => Table + ".tombstone";

    public string Key => Table + ".key";

    /// <summary>Gets what <c>order</c> says when the rows come from the end.</summary>
    public string OrderFromEnd => $"^{string.Join(',', Keys.Select(static key => PositionText.Name(key) + @"\.desc"))}$";

    /// <summary>A list of columns of this table, in any order.</summary>
    public static string Columns(IEnumerable<DatasetColumn> columns)
    {
        var one = $"(?:{string.Join('|', columns.Select(PositionText.Name))})";
        return $"^{one}(?:,{one})*$";
    }

    /// <summary>Exactly these columns.</summary>
    public static string Exactly(IEnumerable<DatasetColumn> columns) => $"^{string.Join(',', columns.Select(PositionText.Name))}$";

    /// <summary>What <c>order</c> says: this column first if there is one, then the key.</summary>
    public string Order(DatasetColumn? first)
    {
        var keys = string.Join(',', Keys.Select(static key => PositionText.Name(key) + @"\.asc"));
        return first is null ? $"^{keys}$" : $@"^{PositionText.Name(first)}\.asc\.nullslast,{keys}$";
    }
}
