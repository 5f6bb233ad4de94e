namespace Agent.Sync;

/// <summary>A PostgREST operator that a dataset's filter may use.</summary>
/// <remarks>See the PostgREST manual, "Horizontal Filtering (Rows)", "Operators".</remarks>
public enum FilterOperator
{
    /// <summary><c>eq</c>.</summary>
    Equal,

    /// <summary><c>neq</c>.</summary>
    NotEqual,

    /// <summary><c>gt</c>.</summary>
    GreaterThan,

    /// <summary><c>gte</c>.</summary>
    GreaterThanOrEqual,

    /// <summary><c>lt</c>.</summary>
    LessThan,

    /// <summary><c>lte</c>.</summary>
    LessThanOrEqual,
}
