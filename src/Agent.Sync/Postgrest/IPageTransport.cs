namespace Agent.Sync.Postgrest;

/// <summary>Fetches single pages for one run: one session, one user, counted requests.</summary>
internal interface IPageTransport
{
    /// <summary>Sends one page request, with its retries, and returns the whole page.</summary>
    /// <exception cref="SyncException">Every failure, typed; the page size is the caller's to shrink on <see cref="SyncErrorKind.StatementTimeout"/>.</exception>
    Task<PageAnswer> GetPageAsync(PageQuery query, CancellationToken cancellationToken);
}

/// <summary>What one page request asks for.</summary>
internal sealed record PageQuery(Dataset Dataset, PageOrder Order, CursorPosition? After, int Limit)
{
    /// <summary>Gets the last key to read, in key order: its first columns' values are enough. Null to read on to the end.</summary>
    public IReadOnlyList<string>? UpTo { get; init; }

    /// <summary>Gets a value indicating whether the rows come from the end.</summary>
    public bool Descending { get; init; }

    /// <summary>Gets the count to ask for along with the page.</summary>
    public TotalCount Count { get; init; } = TotalCount.None;
}

/// <summary>A page as the transport delivers it, whole and parsed.</summary>
/// <param name="Page">The rows.</param>
/// <param name="ServerTime">The <c>Date</c> header: whole seconds, rounded down (RFC 9110, 6.6.1); null when the server sent none.</param>
/// <param name="Total">The rows that match the query without its limit, when a count was asked for and given.</param>
internal sealed record PageAnswer(Page Page, DateTimeOffset? ServerTime, long? Total);
