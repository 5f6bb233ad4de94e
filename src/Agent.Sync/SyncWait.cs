namespace Agent.Sync;

/// <summary>What a run waits for.</summary>
public enum SyncWait
{
    /// <summary>The local store: it works, or waits for the file's write lock.</summary>
    Store,

    /// <summary>An answer of the server. Each attempt, and each request with its retries, has a time limit (<see cref="RetryOptions"/>).</summary>
    Server,

    /// <summary>A request failed and is sent again after a wait, within the request's time limit.</summary>
    Retry,

    /// <summary>The user's rate limit, within the request's time limit.</summary>
    RateLimit,

    /// <summary>The app's token provider, within the request's time limit.</summary>
    Token,

    /// <summary>The dataset's lease, which another process or engine holds, for <see cref="SyncRequest.LeaseWait"/> at most.</summary>
    Lease,

    /// <summary>An earlier run of the same engine.</summary>
    EarlierRun,

    /// <summary>The app's conflict resolver. It has no time limit but <see cref="SyncOptions.StallTimeout"/>.</summary>
    Resolver,

    /// <summary>The app's progress callback. It has no time limit but <see cref="SyncOptions.StallTimeout"/>.</summary>
    ProgressCallback,
}

/// <summary>What a run of an engine waits for at the moment.</summary>
/// <param name="WaitsFor">What it is.</param>
/// <param name="Dataset">The dataset's name; null where it is unknown or concerns no dataset.</param>
/// <param name="Since">Since when, by the device's clock. For <see cref="SyncWait.Store"/> the time of the last step.</param>
public sealed record RunStatus(SyncWait WaitsFor, string? Dataset, DateTimeOffset Since);
