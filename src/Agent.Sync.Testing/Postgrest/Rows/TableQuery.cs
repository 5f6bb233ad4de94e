namespace Agent.Sync.Testing.Postgrest.Rows;

/// <summary>A request's query, understood.</summary>
internal sealed class TableQuery
{
    public required IReadOnlyList<int> Select { get; set; }

    public List<OrderTerm> Order { get; } = [];

    public string OrderText { get; set; } = string.Empty;

    public int? Limit { get; set; }

    public int Offset { get; set; }

    /// <summary>Gets or sets the columns that a write names; null for those of its rows.</summary>
    public IReadOnlyList<string>? Columns { get; set; }

    /// <summary>Gets or sets the columns that tell a duplicate; null for the primary key.</summary>
    public IReadOnlyList<string>? OnConflict { get; set; }

    /// <summary>Gets the conditions that must all hold.</summary>
    public List<Func<TableRow, bool?>> Conditions { get; } = [];

    /// <summary>Gets the plain conditions among them, by which a sorted scan can start late.</summary>
    public List<Comparison> Comparisons { get; } = [];

    public bool Matches(TableRow row)
    {
        foreach (var condition in Conditions)
        {
            if (condition(row) != true)
            {
                return false;
            }
        }

        return true;
    }
}
