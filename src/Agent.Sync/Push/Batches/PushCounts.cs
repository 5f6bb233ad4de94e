namespace Agent.Sync.Push.Batches;

/// <summary>What the push of one dataset did so far.</summary>
internal sealed class PushCounts
{
    /// <summary>Gets or sets the changes that are on the server.</summary>
    public long Pushed { get; set; }

    /// <summary>Gets or sets the conflicts that were settled by the policy.</summary>
    public long Conflicts { get; set; }

    /// <summary>Gets or sets the changes that went into quarantine.</summary>
    public long Rejected { get; set; }

    /// <summary>Gets or sets the rows that a conflict's resolver made: each waits to be written, also where a delete met the conflict.</summary>
    public long Merged { get; set; }

    /// <summary>Gets or sets the changes that are done with, for the progress.</summary>
    public long Settled { get; set; }
}
