using Agent.Sync.Stores;

namespace Agent.Sync.Checkpoints;

/// <summary>The lease rules, in one place for every store that keeps a checkpoint's lease as one record.</summary>
/// <param name="LastFence">The newest fence ever handed out; 0 before the first.</param>
/// <param name="Holder">Who holds the lease; null when it was given back or never taken.</param>
/// <param name="ExpiresAt">When it lapses.</param>
internal sealed record LeaseBook(long LastFence, LeaseOwner? Holder, DateTimeOffset ExpiresAt)
{
    public static LeaseBook Empty { get; } = new(0, null, default);

    /// <summary>Answers an asker; the book is the one to keep, whether or not the lease was granted.</summary>
    public (LeaseBook Book, LeaseAnswer Answer) Acquire(LeaseRequest request)
    {
        var expires = (request.Now + request.TimeToLive).ToUniversalTime();
        if (Holder is { } holder && holder != request.Owner && ExpiresAt > request.Now && !request.HolderIsGone(holder))
        {
            // A clock that jumped may have left an end in 100 years. Whoever lives renews in time.
            var kept = ExpiresAt > expires ? this with { ExpiresAt = expires } : this;
            return (kept, new LeaseAnswer(null, holder, kept.ExpiresAt));
        }

        var fence = Holder == request.Owner ? LastFence : LastFence + 1;
        return (new LeaseBook(fence, request.Owner, expires), new LeaseAnswer(new Fence(fence), request.Owner, expires));
    }

    /// <summary>Returns the prolonged lease, or null when it is no longer the asker's.</summary>
    public LeaseBook? Renew(Fence fence, DateTimeOffset expiresAt) =>
        IsNewest(fence) && Holder is not null ? this with { ExpiresAt = expiresAt.ToUniversalTime() } : null;

    /// <summary>Returns the freed lease, or null when there is nothing to give back.</summary>
    public LeaseBook? Release(Fence fence) =>
        IsNewest(fence) && Holder is not null ? this with { Holder = null, ExpiresAt = default } : null;

    public void RequireNewest(Fence fence)
    {
        if (!IsNewest(fence))
        {
            throw CheckpointFailure.LeaseLost();
        }
    }

    private bool IsNewest(Fence fence) => fence.Value > 0 && fence.Value == LastFence;
}
