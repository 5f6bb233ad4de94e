using Agent.Sync.Checkpoints;

namespace Agent.Sync.Engine;

/// <summary>Local edits belong to the user and the project whose rows were edited: they never go up as somebody else's.</summary>
internal static class ChangeOwner
{
    /// <summary>Returns why the edits that a dataset holds must not be pushed; null when they may.</summary>
    /// <param name="saved">What the local rows belong to; null where nothing is known of them.</param>
    /// <param name="present">What the run's session belongs to.</param>
    /// <param name="fullResync">Whether the app said to start over: that is enough for another project, but not for another user.</param>
    public static (SyncOutcome Outcome, ResyncReason Reason)? Refuse(ScopeStamp? saved, ScopeStamp present, bool fullResync)
    {
        if (saved is null)
        {
            return null;
        }

        if (!string.Equals(saved.User, present.User, StringComparison.Ordinal))
        {
            return (SyncOutcome.UserChanged, ResyncReason.None);
        }

        return fullResync || string.Equals(saved.Project, present.Project, StringComparison.Ordinal)
            ? null
            : (SyncOutcome.ResyncRequired, ResyncReason.ProjectChanged);
    }
}
