namespace Agent.Sync;

/// <summary>A run made no step for <see cref="SyncOptions.StallTimeout"/>. Transient: everything committed before stays.</summary>
/// <remarks>The run was cancelled. If what it waits for does not return even so, its datasets cannot be synced by this engine until it does: further runs fail with this exception at once.</remarks>
public sealed class SyncStalledException : SyncException
{
    internal SyncStalledException(RunStatus status, TimeSpan timeout)
        : base(
            SyncErrorKind.Stalled,
            $"The sync made no step for {RecordText.Time(timeout)} (SyncOptions.StallTimeout) and was given up: it waits for {Words(status.WaitsFor)}. Everything committed stays.",
            status.Dataset,
            code: null,
            isTransient: true,
            innerException: null) => Status = status;

    /// <summary>Gets what the run waited for, and since when.</summary>
    public RunStatus Status { get; }

    private static string Words(SyncWait wait) => wait switch
    {
        SyncWait.Resolver => "the app's conflict resolver, which has to return, and to end when its token is cancelled",
        SyncWait.ProgressCallback => "the app's progress callback, which has to return: let it hand its work to another thread",
        _ => "the local store: see whether the drive answers, and which program holds the file",
    };
}
