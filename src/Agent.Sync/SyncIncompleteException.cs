namespace Agent.Sync;

/// <summary>A run ended without a failure, but not as <see cref="SyncOutcome.Completed"/>. Only <see cref="SyncResult.EnsureCompleted"/> throws it. Nothing is lost; the message says what to decide.</summary>
public sealed class SyncIncompleteException : SyncException
{
    internal SyncIncompleteException(SyncResult result)
        : base(
            SyncErrorKind.Incomplete,
            $"The sync ended as {result.Outcome}. {Advice(result)}",
            DatasetOf(result)?.Dataset,
            code: null,
            isTransient: result.Outcome == SyncOutcome.TimeBudgetReached,
            innerException: null) => Result = result;

    /// <summary>Gets what the run did.</summary>
    public SyncResult Result { get; }

    private static DatasetResult? DatasetOf(SyncResult result) => result.Datasets.FirstOrDefault(dataset => dataset.Outcome == result.Outcome);

    private static string Advice(SyncResult result) => result.Outcome switch
    {
        SyncOutcome.CompletedWithQuarantine =>
            $"Everything was read. {RecordText.Counts((result.Quarantined, "local changes are in quarantine"), (result.Datasets.Sum(static dataset => dataset.Parked), "rows of the server are parked"))}: list them with ReadChangesAsync and ReadParkedRowsAsync, then call RetryChangesAsync or DiscardChangesAsync.",
        SyncOutcome.QuarantineFull =>
            "The server rejects changes in numbers, which is rarely about single rows: look at their codes with ReadChangesAsync, correct the cause, then call RetryChangesAsync or DiscardChangesAsync.",
        SyncOutcome.UnrecordedEditsHeld =>
            "More edits were found that nothing recorded than are sent without asking: look at them with ReadChangesAsync, then call RetryChangesAsync to send them or DiscardChangesAsync for the server's rows.",
        SyncOutcome.TimeBudgetReached => "MaxDuration was over: run again, the next run continues there.",
        SyncOutcome.ResyncRequired =>
            $"The saved position no longer fits ({DatasetOf(result)?.ResyncReason}): if that was meant, run once with FullResync.",
        SyncOutcome.UserChanged =>
            "The local rows belong to another user: use one store per user, or run with FullResync to replace them.",
        SyncOutcome.MassDeleteRefused =>
            "The run would remove more rows than the guard allows: check the user, the row-level security policies and what was deleted on the server, then run with AllowMassDelete if the rows are really gone.",
        _ => "See SyncResult.Outcome.",
    };
}
