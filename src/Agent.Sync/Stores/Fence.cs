namespace Agent.Sync.Stores;

/// <summary>The number that a lease hands out. A later holder's number is higher, so a stale holder's write is recognised.</summary>
/// <param name="Value">1 for a checkpoint's first holder, rising.</param>
public readonly record struct Fence(long Value);
