namespace Agent.Sync;

/// <summary>The phase of a run, or of a dataset's saved position.</summary>
public enum SyncPhase
{
    /// <summary>Nothing was synced yet.</summary>
    NotStarted,

    /// <summary>Reading everything in key order: a first sync or a resync.</summary>
    Backfill,

    /// <summary>Reading what changed, in order of the change.</summary>
    Delta,

    /// <summary>Sending local changes.</summary>
    Push,

    /// <summary>Done.</summary>
    Completed,
}
