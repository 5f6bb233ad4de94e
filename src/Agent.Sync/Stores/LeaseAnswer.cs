namespace Agent.Sync.Stores;

/// <summary>A store's answer to a <see cref="LeaseRequest"/>.</summary>
/// <param name="Fence">The asker's fence when the lease was granted, else null.</param>
/// <param name="Holder">Who holds the lease now; the asker when it was granted.</param>
/// <param name="ExpiresAt">When it lapses unless renewed.</param>
public sealed record LeaseAnswer(Fence? Fence, LeaseOwner Holder, DateTimeOffset ExpiresAt);
