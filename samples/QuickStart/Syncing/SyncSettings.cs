using Agent.Sync;

namespace QuickStart.Syncing;

/// <summary>How to sync. What is null is left to AGENT_SYNC_* variables and the engine's defaults.</summary>
internal sealed record SyncSettings(int? PageSize = null, int? PushRows = null, ConflictPolicy? Conflicts = null);
