using Agent.Sync;

namespace EfCore;

/// <summary>A class of EF Core's, and an entity: what is synced is said once, here.</summary>
[SyncTable("artifacts")]
internal sealed partial class Artifact
{
    [SyncKey]
    public Guid Id { get; set; }

    public string Type { get; set; } = "document";

    public string Name { get; set; } = "";

    public long? Size { get; set; }

    [SyncVersion]
    public long Version { get; set; }

    [SyncUpdatedAt]
    public DateTimeOffset UpdatedAt { get; set; }

    [SyncDeletedAt]
    public DateTimeOffset? DeletedAt { get; set; }
}
