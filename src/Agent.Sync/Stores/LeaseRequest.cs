namespace Agent.Sync.Stores;

/// <summary>A request for a checkpoint's lease.</summary>
/// <param name="Checkpoint">The checkpoint's id.</param>
/// <param name="Owner">The requester.</param>
/// <param name="Now">The time by the requester's clock.</param>
/// <param name="TimeToLive">How long the lease holds unless it is renewed. Another owner's lease that ends later is shortened to this, because only a clock that jumped can have created it.</param>
/// <param name="HolderIsGone">Returns whether a holder is known to be gone (a process of this machine that has ended). It is replaced at once.</param>
public sealed record LeaseRequest(
    CheckpointId Checkpoint, LeaseOwner Owner, DateTimeOffset Now, TimeSpan TimeToLive, Func<LeaseOwner, bool> HolderIsGone);

/// <summary>A store's answer to a <see cref="LeaseRequest"/>.</summary>
/// <param name="Fence">The requester's fence when the lease was granted, else null.</param>
/// <param name="Holder">The present holder; the requester when the lease was granted.</param>
/// <param name="ExpiresAt">When the lease expires unless renewed.</param>
public sealed record LeaseAnswer(Fence? Fence, LeaseOwner Holder, DateTimeOffset ExpiresAt);

/// <summary>The holder of a lease: an engine in a process on a machine.</summary>
/// <param name="Machine">A hash that names the machine and its boot, so that process numbers can be compared.</param>
/// <param name="ProcessId">The process's number.</param>
/// <param name="ProcessStarted">The process's start, in ticks or jiffies: process numbers are reused, start times are not.</param>
/// <param name="Instance">The engine within the process, so that two engines in one process exclude each other too.</param>
public sealed record LeaseOwner(string Machine, int ProcessId, long ProcessStarted, Guid Instance);

/// <summary>The number that a lease hands out. A later holder's number is higher, so a stale holder's write is recognised.</summary>
/// <param name="Value">1 for a checkpoint's first holder, rising.</param>
public readonly record struct Fence(long Value);
