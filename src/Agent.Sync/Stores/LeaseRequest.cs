namespace Agent.Sync.Stores;

/// <summary>Asks for a slot's lease.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Owner">Who asks.</param>
/// <param name="Now">The asker's clock.</param>
/// <param name="TimeToLive">How long the lease holds unless it is renewed; a lease of somebody else that ends later is shortened to this, since only a clock that jumped can have made it so.</param>
/// <param name="HolderIsGone">Tells whether a holder is known to be dead (a process of this machine that has ended); it is replaced at once.</param>
public sealed record LeaseRequest(
    CheckpointId Slot, LeaseOwner Owner, DateTimeOffset Now, TimeSpan TimeToLive, Func<LeaseOwner, bool> HolderIsGone);
