namespace Agent.Sync.Stores;

/// <summary>How many changes a dataset has.</summary>
/// <param name="Waiting">Changes to be sent, including those in flight from an interrupted run.</param>
/// <param name="Quarantined">Changes that were rejected.</param>
public readonly record struct ChangeCounts(long Waiting, long Quarantined);
