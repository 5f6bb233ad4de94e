namespace Agent.Sync.Stores;

/// <summary>How many changes a dataset has.</summary>
/// <param name="Waiting">Changes to be sent, those in flight from an interrupted run included.</param>
/// <param name="Quarantined">Changes the server rejected.</param>
public readonly record struct ChangeCounts(long Waiting, long Quarantined);
