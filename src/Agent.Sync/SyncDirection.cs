namespace Agent.Sync;

/// <summary>The direction of a run.</summary>
public enum SyncDirection
{
    /// <summary>Push local changes, then pull the server's, including the results of the push.</summary>
    Both,

    /// <summary>Pull only. Local changes wait, and no pulled row overwrites one.</summary>
    Pull,

    /// <summary>Push only.</summary>
    Push,
}
