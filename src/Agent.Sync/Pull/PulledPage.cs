using Agent.Sync.Checkpoints;

namespace Agent.Sync.Pull;

/// <summary>A page whose rows were checked to come after everything before it.</summary>
/// <param name="Page">The rows; empty at the end of a chain.</param>
/// <param name="Last">The position after the last row; null for an empty page.</param>
/// <param name="ServerTime">The answer's <c>Date</c>.</param>
/// <param name="Total">The rows that match from here on, when asked for.</param>
/// <param name="IsFull">Whether the server gave as many rows as it gives at most.</param>
internal sealed record PulledPage(Page Page, CursorPosition? Last, DateTimeOffset? ServerTime, long? Total, bool IsFull)
{
    /// <summary>Gets how many rows were asked for.</summary>
    public int Asked { get; init; }

    /// <summary>Gets how long the page took, with its retries and the wait for the rate limit.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Gets what a backfill has still to read once this page and every page handed on before it are applied; empty at its end.</summary>
    public IReadOnlyList<KeyRange> Unread { get; init; } = [];
}
