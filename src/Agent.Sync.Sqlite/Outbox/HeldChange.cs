namespace Agent.Sync.Sqlite.Outbox;

/// <summary>The change of a key that knows the server's row: the one in flight, else the one that waits or lies in quarantine.</summary>
/// <param name="Id">Its number.</param>
/// <param name="IsQuarantined">Whether it lies in quarantine, for good: an edit that a resync has found is sent when that is complete.</param>
/// <param name="IsFollowed">Whether another edit waits behind it.</param>
internal readonly record struct HeldChange(long Id, bool IsQuarantined, bool IsFollowed);
