using Agent.Sync.Configuration;

namespace Agent.Sync;

/// <summary>How local changes go up.</summary>
public sealed class PushOptions
{
    /// <summary>Gets or sets the bound of one request in changes.</summary>
    /// <value>Changes, 1 to 5,000. The default is 500. Also read from AGENT_SYNC_PUSH_ROWS.</value>
    [InRange(OptionLimits.MinPushRows, OptionLimits.MaxPushRows)]
    public int BatchRows { get; set; } = 500;

    /// <summary>Gets or sets the bound of one request in bytes of JSON; one change may be larger.</summary>
    /// <value>Bytes, 1 KiB to 64 MiB. The default is 1 MiB. Also read from AGENT_SYNC_PUSH_BYTES.</value>
    [InRange(OptionLimits.MinPushBytes, OptionLimits.MaxPushBytes)]
    public int BatchBytes { get; set; } = 1024 * 1024;

    /// <summary>Gets or sets how many requests may be in flight at once; so many are used only while waiting for the server takes longer than the work here.</summary>
    /// <value>1 to 16. The default is 4. Also read from AGENT_SYNC_PUSH_REQUESTS.</value>
    [InRange(OptionLimits.MinPushRequests, OptionLimits.MaxPushRequests)]
    public int MaxRequests { get; set; } = 4;

    /// <summary>Gets or sets who wins a conflict. The default is <see cref="ConflictPolicy.ServerWins"/>. Also read from AGENT_SYNC_CONFLICTS.</summary>
    public ConflictPolicy ConflictPolicy { get; set; }

    /// <summary>Gets or sets what decides under <see cref="ConflictPolicy.Resolver"/>; null otherwise. What it throws ends the run; the change stays in flight.</summary>
    public Func<Conflict, CancellationToken, ValueTask<ConflictDecision>>? ConflictResolver { get; set; }

    /// <summary>Gets or sets how many changes of a dataset may lie in quarantine before a run stops.</summary>
    /// <value>Changes, 1 or more. The default is 1,000. Also read from AGENT_SYNC_MAX_QUARANTINED.</value>
    [InRange(1, int.MaxValue)]
    public int MaxQuarantined { get; set; } = 1_000;

    /// <summary>Gets or sets the share of a run's changes that may be rejected before the run stops; looked at from the 20th rejection on.</summary>
    /// <value>0 to 1. The default is 0.5. Also read from AGENT_SYNC_MAX_QUARANTINED_SHARE.</value>
    [InRange(0, 1)]
    public double MaxQuarantinedShare { get; set; } = 0.5;

    /// <summary>Gets or sets how many edits of a dataset that nothing recorded, as when a migration dropped the triggers, are sent without asking.</summary>
    /// <value>Edits, 0 or more. The default is 1,000. Also read from AGENT_SYNC_MAX_UNRECORDED. See <see cref="SyncOutcome.UnrecordedEditsHeld"/>.</value>
    [InRange(0, int.MaxValue)]
    public int MaxUnrecorded { get; set; } = 1_000;

    /// <summary>Gets or sets the share of a dataset's local rows whose unrecorded edits are sent without asking; looked at from the 20th edit on.</summary>
    /// <value>0 to 1. The default is 0.5. Also read from AGENT_SYNC_MAX_UNRECORDED_SHARE.</value>
    [InRange(0, 1)]
    public double MaxUnrecordedShare { get; set; } = 0.5;

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
