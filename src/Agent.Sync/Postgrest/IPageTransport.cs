namespace Agent.Sync.Postgrest;

/// <summary>Fetches single pages for one run: one session, one user, counted requests.</summary>
internal interface IPageTransport
{
    /// <summary>Sends one page request, with its retries, and returns the whole page.</summary>
    /// <exception cref="SyncException">Every failure, typed; the page size is the caller's to shrink on <see cref="SyncErrorKind.StatementTimeout"/>.</exception>
    Task<PageAnswer> GetPageAsync(PageQuery query, CancellationToken cancellationToken);
}
