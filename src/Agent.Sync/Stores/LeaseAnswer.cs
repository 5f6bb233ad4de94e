namespace Agent.Sync.Stores;

/// <summary>A store's answer to a <see cref="LeaseRequest"/>.</summary>
/// <param name="Fence">The requester's fence when the lease was granted, else null.</param>
/// <param name="Holder">The present holder; the requester when the lease was granted.</param>
/// <param name="ExpiresAt">When the lease expires unless renewed.</param>
public sealed record LeaseAnswer(Fence? Fence, LeaseOwner Holder, DateTimeOffset ExpiresAt);
