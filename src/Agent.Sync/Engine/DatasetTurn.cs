using Agent.Sync.Postgrest;
using Agent.Sync.Push.Batches;

namespace Agent.Sync.Engine;

/// <summary>What one run has done to one dataset so far, in both directions.</summary>
internal sealed class DatasetTurn(Dataset dataset)
{
    public Dataset Dataset { get; } = dataset;

    public RequestTally Tally { get; } = new();

    /// <summary>Gets how the dataset stands; null until the run has come to it.</summary>
    public DatasetResult? Result { get; private set; }

    /// <summary>Gets or sets the time the dataset's phases took.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>Gets or sets a value indicating whether the pull looked for edits that were not recorded: what it found is still to be pushed.</summary>
    public bool LookedForEdits { get; set; }

    /// <summary>Gets or sets why the SQL kit lets nothing of the dataset be synced; null as long as it may be.</summary>
    public SyncSchemaException? KitFailure { get; set; }

    /// <summary>Gets what the parts of the push did.</summary>
    public PushSoFar Push { get; } = new();

    /// <summary>Takes over how a phase ended. What an earlier pull brought stays: a push has nothing to say about it.</summary>
    public void Note(DatasetResult result, bool isPull) => Result = Result is null || isPull
        ? result
        : Result with { Outcome = After(Result.Outcome, result.Outcome), ResyncReason = result.ResyncReason };

    /// <summary>Returns the result with what went up, and what of it did not.</summary>
    public DatasetResult Complete(long pending, long quarantined, long parked)
    {
        var result = Result! with
        {
            Pushed = Push.Counts.Pushed,
            Conflicts = Push.Counts.Conflicts,
            Rejected = Push.Counts.Rejected,
            Pending = pending,
            Quarantined = quarantined,
            Parked = parked,
            Requests = Tally.Requests,
            Retries = Tally.Retries,
            Duration = Elapsed,
        };
        return quarantined + parked > 0 && result.Outcome == SyncOutcome.Completed
            ? result with { Outcome = SyncOutcome.CompletedWithQuarantine }
            : result;
    }

    // That the rest went up does not decide about the edits that were held.
    private static SyncOutcome After(SyncOutcome pull, SyncOutcome push) =>
        pull == SyncOutcome.UnrecordedEditsHeld && push == SyncOutcome.Completed ? pull : push;
}
