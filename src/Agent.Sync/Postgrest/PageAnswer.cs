namespace Agent.Sync.Postgrest;

/// <summary>A page as the transport delivers it, whole and parsed.</summary>
/// <param name="Page">The rows.</param>
/// <param name="ServerTime">The <c>Date</c> header: whole seconds, rounded down (RFC 9110, 6.6.1); null when the server sent none.</param>
/// <param name="Total">The rows that match the query without its limit, when a count was asked for and given.</param>
internal sealed record PageAnswer(Page Page, DateTimeOffset? ServerTime, long? Total);
