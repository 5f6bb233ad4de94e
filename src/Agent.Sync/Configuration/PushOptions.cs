using Agent.Sync.Configuration;

namespace Agent.Sync;

/// <summary>How local changes are pushed.</summary>
public sealed class PushOptions
{
    /// <summary>Gets or sets the most changes in one request.</summary>
    /// <value>Changes, 1 to 5,000. The default is 500. Also read from AGENT_SYNC_PUSH_ROWS.</value>
    [InRange(OptionLimits.MinPushRows, OptionLimits.MaxPushRows)]
    public int BatchRows { get; set; } = 500;

    /// <summary>Gets or sets the most bytes of JSON in one request. A single larger change is sent alone.</summary>
    /// <value>Bytes, 1 KiB to 64 MiB. The default is 1 MiB. Also read from AGENT_SYNC_PUSH_BYTES.</value>
    [InRange(OptionLimits.MinPushBytes, OptionLimits.MaxPushBytes)]
    public int BatchBytes { get; set; } = 1024 * 1024;

    /// <summary>Gets or sets the most requests in flight at once. More than one is used only while the server takes longer than the local work.</summary>
    /// <value>1 to 16. The default is 4. Also read from AGENT_SYNC_PUSH_REQUESTS.</value>
    [InRange(OptionLimits.MinPushRequests, OptionLimits.MaxPushRequests)]
    public int MaxRequests { get; set; } = 4;

    /// <summary>Gets or sets who wins a conflict. The default is <see cref="ConflictPolicy.ServerWins"/>. Also read from AGENT_SYNC_CONFLICTS.</summary>
    public ConflictPolicy ConflictPolicy { get; set; }

    /// <summary>Gets or sets the delegate that decides under <see cref="ConflictPolicy.Resolver"/>; null otherwise. An exception from it ends the run, and the change stays in flight.</summary>
    public Func<Conflict, CancellationToken, ValueTask<ConflictDecision>>? ConflictResolver { get; set; }

    /// <summary>Gets or sets how many changes of a dataset may be in quarantine before a run stops.</summary>
    /// <value>Changes, 1 or more. The default is 1,000. Also read from AGENT_SYNC_MAX_QUARANTINED.</value>
    [InRange(1, int.MaxValue)]
    public int MaxQuarantined { get; set; } = 1_000;

    /// <summary>Gets or sets the share of a run's changes that may be rejected before the run stops. It counts from the 20th rejection on.</summary>
    /// <value>0 to 1. The default is 0.5. Also read from AGENT_SYNC_MAX_QUARANTINED_SHARE.</value>
    [InRange(0, 1)]
    public double MaxQuarantinedShare { get; set; } = 0.5;

    /// <summary>Gets or sets how many unrecorded edits of a dataset (after a migration dropped the triggers, for example) are sent without a decision of the user.</summary>
    /// <value>Edits, 0 or more. The default is 1,000. Also read from AGENT_SYNC_MAX_UNRECORDED. See <see cref="SyncOutcome.UnrecordedEditsHeld"/>.</value>
    [InRange(0, int.MaxValue)]
    public int MaxUnrecorded { get; set; } = 1_000;

    /// <summary>Gets or sets the share of a dataset's local rows whose unrecorded edits are sent without a decision of the user. It counts from the 20th edit on.</summary>
    /// <value>0 to 1. The default is 0.5. Also read from AGENT_SYNC_MAX_UNRECORDED_SHARE.</value>
    [InRange(0, 1)]
    public double MaxUnrecordedShare { get; set; } = 0.5;

    /// <summary>Returns who wins a conflict in a dataset.</summary>
    internal ConflictPolicy PolicyOf(Dataset dataset) => dataset.ConflictPolicy ?? ConflictPolicy;

    /// <summary>Returns what decides a dataset's conflicts under <see cref="ConflictPolicy.Resolver"/>.</summary>
    internal Func<Conflict, CancellationToken, ValueTask<ConflictDecision>> ResolverOf(Dataset dataset) => dataset.ConflictResolver ?? ConflictResolver!;

    internal void CopyTo(PushOptions other)
    {
        other.BatchRows = BatchRows;
        other.BatchBytes = BatchBytes;
        other.MaxRequests = MaxRequests;
        other.ConflictPolicy = ConflictPolicy;
        other.ConflictResolver = ConflictResolver;
        other.MaxQuarantined = MaxQuarantined;
        other.MaxQuarantinedShare = MaxQuarantinedShare;
        other.MaxUnrecorded = MaxUnrecorded;
        other.MaxUnrecordedShare = MaxUnrecordedShare;
    }
}
