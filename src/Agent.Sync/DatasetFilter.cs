namespace Agent.Sync;

/// <summary>A condition that every row of a dataset meets. It is part of the scope, so changing it requires a resync.</summary>
/// <param name="Column">The remote column, which need not be among the dataset's columns.</param>
/// <param name="Operator">The comparison.</param>
/// <param name="Value">The value, in PostgreSQL's text form.</param>
public sealed record DatasetFilter(string Column, FilterOperator Operator, string Value)
{
    /// <summary>Returns the condition without its value, which may be personal.</summary>
    /// <returns>The column's name and the operator.</returns>
    public override string ToString() => $"{Column} {Operator}";
}
