namespace Agent.Sync;

/// <summary>How a run learns the total for its progress. It rides on the first page: no extra request.</summary>
public enum TotalCount
{
    /// <summary>No total: progress has counts and a rate, but no percentage.</summary>
    None,

    /// <summary>Exact up to the server's threshold, above it the planner's estimate (PostgREST <c>Prefer: count=estimated</c>).</summary>
    Estimated,

    /// <summary>Exact at any size: the database counts every visible row (<c>count=exact</c>), which is slow on large tables.</summary>
    Exact,
}
