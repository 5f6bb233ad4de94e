namespace Agent.Sync.Stores;

/// <summary>The number that a lease hands out: a later holder's is higher, so a stale holder's write is recognised.</summary>
/// <param name="Value">1 for a slot's first holder, rising.</param>
public readonly record struct Fence(long Value);
