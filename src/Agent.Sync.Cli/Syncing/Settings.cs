namespace Agent.Sync.Cli.Syncing;

/// <summary>Which project, as whom, and where the rows go.</summary>
internal sealed record ProjectSettings(Uri Url, string Key, string Email, string Password, string Database)
{
    // A record would print the password.
    public override string ToString() => Url.ToString();
}

/// <summary>How to sync. What is null is left to AGENT_SYNC_* variables and the engine's defaults.</summary>
internal sealed record SyncSettings(int? PageSize = null, int? PushRows = null, ConflictPolicy? Conflicts = null);
