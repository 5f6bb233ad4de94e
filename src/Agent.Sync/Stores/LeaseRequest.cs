namespace Agent.Sync.Stores;

/// <summary>A request for a checkpoint's lease.</summary>
/// <param name="Slot">The checkpoint's id.</param>
/// <param name="Owner">The requester.</param>
/// <param name="Now">The time by the requester's clock.</param>
/// <param name="TimeToLive">How long the lease holds unless it is renewed. Another owner's lease that ends later is shortened to this, because only a clock that jumped can have created it.</param>
/// <param name="HolderIsGone">Returns whether a holder is known to be gone (a process of this machine that has ended). It is replaced at once.</param>
public sealed record LeaseRequest(
    CheckpointId Slot, LeaseOwner Owner, DateTimeOffset Now, TimeSpan TimeToLive, Func<LeaseOwner, bool> HolderIsGone);
