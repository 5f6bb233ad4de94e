using Agent.Sync.Stores;

namespace Agent.Sync.Pull;

/// <summary>What the pull of one dataset did so far.</summary>
internal sealed class PullCounts
{
    public long Applied { get; private set; }

    public long Unchanged { get; private set; }

    public long Deleted { get; private set; }

    public long Pages { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Gets the edits that a resync found and left to the user.</summary>
    public long Held { get; private set; }

    public void Add(PageGroup group, ApplyResult result)
    {
        Applied += result.Applied;
        Unchanged += result.Unchanged;
        Deleted += result.Deleted;
        Pages += group.Pages.Count;
        Bytes += group.Bytes;
    }

    public void Add(SwapResult swap)
    {
        Deleted += swap.Removed;
        Held += swap.Held;
    }
}
