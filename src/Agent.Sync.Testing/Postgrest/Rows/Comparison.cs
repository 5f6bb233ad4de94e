namespace Agent.Sync.Testing.Postgrest.Rows;

/// <summary>One condition on one column, in SQL's three-valued logic.</summary>
internal sealed record Comparison(int Column, string Operator, IReadOnlyList<object?> Operands, bool IsNegated, TextCollation Collation)
{
    public bool IsLowerBound => !IsNegated && Operator is ("gt" or "gte");

    public bool? Evaluate(TableRow row) => IsNegated ? !Test(row.Values[Column]) : Test(row.Values[Column]);

    public int CompareTo(object value) => SqlValue.Compare(value, Operands[0]!, Collation);

    private bool? Test(object? value)
    {
        if (Operator == "is")
        {
            return Equals(value, Operands[0]);
        }

        if (value is null)
        {
            return null;
        }

        return Operator switch
        {
            "eq" => CompareTo(value) == 0,
            "neq" => CompareTo(value) != 0,
            "gt" => CompareTo(value) > 0,
            "gte" => CompareTo(value) >= 0,
            "lt" => CompareTo(value) < 0,
            "lte" => CompareTo(value) <= 0,
            _ => Operands.Any(operand => SqlValue.Compare(value, operand!, Collation) == 0),
        };
    }
}
