namespace Agent.Sync;

/// <summary>How a run counts the total for its progress. The total comes with the first page, without an extra request.</summary>
public enum TotalCount
{
    /// <summary>No total. Progress has counts and a rate, but no percentage.</summary>
    None,

    /// <summary>Exact up to the server's threshold, above it the planner's estimate (PostgREST <c>Prefer: count=estimated</c>).</summary>
    Estimated,

    /// <summary>Exact at any size: the database counts every visible row (<c>count=exact</c>), which is slow on large tables.</summary>
    Exact,
}
