namespace Agent.Sync.ShapeTests.Shapes;

/// <summary>A PostgreSQL type, and the values that shapes put into columns of it, in canonical form.</summary>
/// <param name="SqlType">The type as PostgreSQL knows it.</param>
/// <param name="Type">The type as a dataset declares it.</param>
/// <param name="NextValue">Draws a value.</param>
internal sealed record ColumnKind(string SqlType, ColumnType Type, Func<Random, string> NextValue)
{
    public bool CanBeKey => Type is ColumnType.Text or ColumnType.Uuid or ColumnType.Integer;

    /// <summary>Gets whether so many values exist that a column of it can be unique.</summary>
    public bool CanBeUnique => CanBeKey || Type is ColumnType.Numeric or ColumnType.Timestamptz;
}
