namespace Agent.Sync.Engine;

/// <summary>What a request must meet. Rejected, never clamped.</summary>
internal static class RequestRules
{
    private const int MaxPageSize = 1_000;

    public static void Check(SyncRequest request)
    {
        if (request.PageSize is < 1 or > MaxPageSize)
        {
            throw new ArgumentOutOfRangeException(
                nameof(request), request.PageSize, $"SyncRequest.PageSize must be 1 to {MaxPageSize}.");
        }

        if (request.MaxDuration <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(
                nameof(request), request.MaxDuration, "SyncRequest.MaxDuration must be positive, or null for no bound.");
        }

        if (request.LeaseWait < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(
                nameof(request), request.LeaseWait, "SyncRequest.LeaseWait must not be negative.");
        }

        if (request.Datasets is { Count: 0 })
        {
            throw new ArgumentException("SyncRequest.Datasets is empty: name the datasets, or leave it null for all.", nameof(request));
        }
    }
}
