using System.Text.Json;

namespace Agent.Sync.AotSmokeTest;

/// <summary>The sample's table as an entity.</summary>
[SyncTable("artifacts")]
internal sealed partial record PulledArtifact
{
    [SyncKey]
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public string? Content { get; init; }

    public JsonElement? Metadata { get; init; }

    public decimal? Price { get; init; }

    public bool IsPublic { get; init; }

    public Guid OwnerId { get; init; }

    [SyncVersion]
    public long Version { get; init; }

    [SyncUpdatedAt]
    public DateTimeOffset UpdatedAt { get; init; }

    [SyncDeletedAt]
    public DateTimeOffset? DeletedAt { get; init; }
}
