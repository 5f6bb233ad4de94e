namespace Agent.Sync.Engine;

/// <summary>What a request must meet. Rejected, never clamped.</summary>
internal static class RequestRules
{
    private const int MaxPageSize = 1_000;

    // What a timer can wait for, rounded down to whole days.
    private static readonly TimeSpan LongestDuration = TimeSpan.FromDays(24);

    public static void Check(SyncRequest request)
    {
        if (!Enum.IsDefined(request.Direction))
        {
            throw new ArgumentOutOfRangeException(
                nameof(request), request.Direction, "SyncRequest.Direction must be one of SyncDirection's members.");
        }

        if (request.PageSize is < 1 or > MaxPageSize)
        {
            throw new ArgumentOutOfRangeException(
                nameof(request), request.PageSize, $"SyncRequest.PageSize must be 1 to {MaxPageSize}.");
        }

        if (request.MaxDuration is { } duration && (duration <= TimeSpan.Zero || duration > LongestDuration))
        {
            throw new ArgumentOutOfRangeException(
                nameof(request), duration, "SyncRequest.MaxDuration must be positive and at most 24 days, or null for no bound.");
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

    public static void CheckNames(IReadOnlyCollection<string>? datasets, string parameter)
    {
        if (datasets is { Count: 0 })
        {
            throw new ArgumentException("The list is empty: name the datasets, or leave it null for all.", parameter);
        }
    }

    public static void Check(VerifyOptions options)
    {
        if (options.MaxRequests is < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.MaxRequests, "VerifyOptions.MaxRequests must be 1 or more, or null for no bound.");
        }

        if (options.MaxDuration is { } duration && (duration <= TimeSpan.Zero || duration > LongestDuration))
        {
            throw new ArgumentOutOfRangeException(nameof(options), duration, "VerifyOptions.MaxDuration must be positive and at most 24 days, or null for no bound.");
        }

        if (options.LeaseWait < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.LeaseWait, "VerifyOptions.LeaseWait must not be negative.");
        }
    }

    public static void Check(ChangeState? state)
    {
        if (state is { } given && !Enum.IsDefined(given))
        {
            throw new ArgumentOutOfRangeException(nameof(state), given, "The state must be one of ChangeState's members, or null for all.");
        }
    }
}
