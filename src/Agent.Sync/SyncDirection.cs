namespace Agent.Sync;

/// <summary>Which way a run goes.</summary>
public enum SyncDirection
{
    /// <summary>Local changes up, then the server's changes down, so that the server's answer returns in the same run.</summary>
    Both,

    /// <summary>Down only. Local changes wait, and no pulled row overwrites one.</summary>
    Pull,

    /// <summary>Up only.</summary>
    Push,
}
