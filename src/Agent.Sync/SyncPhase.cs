namespace Agent.Sync;

/// <summary>What a run, or a dataset's saved position, is at.</summary>
public enum SyncPhase
{
    /// <summary>Nothing was synced yet.</summary>
    NotStarted,

    /// <summary>Reading everything in key order: a first sync or a resync.</summary>
    Backfill,

    /// <summary>Reading what changed, in cursor order.</summary>
    Delta,

    /// <summary>Sending local changes.</summary>
    Push,

    /// <summary>Done.</summary>
    Completed,
}
