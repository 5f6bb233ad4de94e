namespace Agent.Sync;

/// <summary>How a verify ended. Failures are exceptions.</summary>
public enum VerifyOutcome
{
    /// <summary>Everything was compared, and repaired where that was asked for.</summary>
    Completed,

    /// <summary>The call ended because <see cref="VerifyOptions.MaxRequests"/> or <see cref="VerifyOptions.MaxDuration"/> was used up. The next call goes on there.</summary>
    BudgetReached,

    /// <summary>The dataset was not synced completely yet, or a resync is due or under way: sync first.</summary>
    NotSynced,

    /// <summary>The saved position is no longer valid; see <see cref="VerifyResult.ResyncReason"/>. Run <see cref="ISyncEngine.SyncAsync(SyncRequest, IProgress{SyncProgress}?, CancellationToken)"/> with <see cref="SyncRequest.FullResync"/>.</summary>
    ResyncRequired,

    /// <summary>The local rows belong to another user, or the user changed during the call.</summary>
    UserChanged,

    /// <summary>
    /// More local rows are missing on the server than the guard allows, or the server shows no rows at all; none was removed. The server answers so too when a policy or a grant was
    /// lost: look at that first, then set <see cref="VerifyOptions.AllowMassDelete"/>.
    /// </summary>
    MassDeleteRefused,
}

/// <summary>What a verify is doing.</summary>
public enum VerifyPhase
{
    /// <summary>Counts and hashes of groups of rows are compared; only with the SQL kit.</summary>
    Digests,

    /// <summary>The keys and versions of rows are compared.</summary>
    Rows,

    /// <summary>Local rows that the server does not have are looked for.</summary>
    ExtraRows,

    /// <summary>The verify is complete.</summary>
    Completed,
}
