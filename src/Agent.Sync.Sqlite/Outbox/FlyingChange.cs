namespace Agent.Sync.Sqlite.Outbox;

/// <summary>A change in flight, as far as settling it asks.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Kind">What it does.</param>
/// <param name="HasNews">Whether a pull brought something newer of its row.</param>
/// <param name="Behind">The edit that waits behind it; null for none.</param>
internal readonly record struct FlyingChange(long Id, ChangeKind Kind, bool HasNews, long? Behind);
