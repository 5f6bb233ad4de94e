namespace Agent.Sync;

/// <summary>How a run, or one dataset of it, ended. Failures are exceptions.</summary>
public enum SyncOutcome
{
    /// <summary>Everything was read and applied.</summary>
    Completed,

    /// <summary>
    /// Everything was read, and something is set aside: changes that the server rejected (<see cref="DatasetResult.Quarantined"/>), or rows that the local
    /// table refuses (<see cref="DatasetResult.Parked"/>).
    /// </summary>
    CompletedWithQuarantine,

    /// <summary>The run stopped because more changes were rejected than <see cref="PushOptions.MaxQuarantined"/> or its share allows: look at their reasons, then retry or discard them.</summary>
    QuarantineFull,

    /// <summary>The run stopped at a commit because <see cref="SyncRequest.MaxDuration"/> was over. The next run resumes there.</summary>
    TimeBudgetReached,

    /// <summary>The saved position is no longer valid; see <see cref="DatasetResult.ResyncReason"/>. Run again with <see cref="SyncRequest.FullResync"/>.</summary>
    ResyncRequired,

    /// <summary>The local rows belong to another user, or the user changed during the run. Use that user's own store, or <see cref="SyncRequest.FullResync"/>, which is refused while local changes are kept.</summary>
    UserChanged,

    /// <summary>A resync, or the deletes that a run found on the server, would have removed more rows than <see cref="SyncOptions.MaxDeleteShare"/> allows; none of them was removed. See <see cref="SyncRequest.AllowMassDelete"/>.</summary>
    MassDeleteRefused,

    /// <summary>
    /// Everything was read and applied, but there were more unrecorded edits than <see cref="PushOptions.MaxUnrecorded"/> or its share allows, or a column was
    /// empty in every row. These edits are in quarantine with code <c>unrecorded</c>, and none was sent. Retry them to send them, or discard them to restore the server's rows.
    /// </summary>
    UnrecordedEditsHeld,
}
