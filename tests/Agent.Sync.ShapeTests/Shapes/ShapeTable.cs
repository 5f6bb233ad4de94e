namespace Agent.Sync.ShapeTests.Shapes;

/// <summary>One table of a shape, as the server has it.</summary>
/// <param name="Name">Its name, unique among all shapes.</param>
/// <param name="Columns">Its columns; the key's first.</param>
internal sealed record ShapeTable(string Name, IReadOnlyList<ShapeColumn> Columns)
{
    /// <summary>Gets whether the server counts the key up where a row brings none.</summary>
    public bool IsIdentity { get; init; }

    /// <summary>Gets the other table that the reference column refers to; null for none.</summary>
    public ShapeTable? Parent { get; init; }

    /// <summary>Gets whether the reference column refers to the table's own rows.</summary>
    public bool RefersToItself { get; init; }

    /// <summary>Gets the table that the reference column refers to, which may be this one; null for none.</summary>
    public ShapeTable? Target => RefersToItself ? this : Parent;

    /// <summary>Gets whether the server moves the cursor column on an update, as every synced table must.</summary>
    public bool MovesCursor { get; init; } = true;

    /// <summary>Gets whether a row that the server has marked as deleted stays on the devices.</summary>
    public bool MarksDeleted { get; init; }

    public IReadOnlyList<ShapeColumn> Keys { get; } = [.. Columns.Where(static column => column.Role == ColumnRole.Key)];

    public ShapeColumn Cursor => Columns.First(static column => column.Role == ColumnRole.Cursor);

    public ShapeColumn? Version => Columns.FirstOrDefault(static column => column.Role == ColumnRole.Version);

    public ShapeColumn? Deleted => Columns.FirstOrDefault(static column => column.Role == ColumnRole.Deleted);

    public ShapeColumn? Reference => Columns.FirstOrDefault(static column => column.Role == ColumnRole.Reference);

    public ShapeColumn Find(string name) => Columns.First(column => string.Equals(column.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Makes the dataset of these columns.</summary>
    /// <param name="declares">Which of the columns that may be left out are declared.</param>
    public Dataset ToDataset(Func<ShapeColumn, bool> declares)
    {
        var builder = Dataset.Define(Name);
        foreach (var column in Columns.Where(static column => column.Role != ColumnRole.Undeclared))
        {
            builder = column.Role switch
            {
                ColumnRole.Key => builder.Key(column.Name, column.Type, column.LocalName),
                ColumnRole.Cursor => builder.UpdatedAt(column.Name, column.LocalName),
                ColumnRole.Version => builder.Version(column.Name, column.LocalName),
                ColumnRole.Deleted => builder.DeletedAt(column.Name, MarksDeleted ? DeleteHandling.Mark : DeleteHandling.Remove, column.LocalName),
                ColumnRole.Generated => builder.Column(column.Name, column.Type, column.LocalName).ServerOwned(column.Name),
                _ => declares(column) ? builder.Column(column.Name, column.Type, column.LocalName) : builder,
            };
        }

        return builder.Build();
    }
}
