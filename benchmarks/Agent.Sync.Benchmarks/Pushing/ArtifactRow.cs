using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agent.Sync.Benchmarks.Pushing;

/// <summary>A row as an app's own class, the way clients that send objects have it.</summary>
internal sealed record ArtifactRow(
    [property: JsonPropertyName("id")] Guid Id,
    [property: JsonPropertyName("owner_id")] Guid OwnerId,
    [property: JsonPropertyName("title")] string Title,
    [property: JsonPropertyName("content")] string Content,
    [property: JsonPropertyName("metadata")] JsonElement Metadata,
    [property: JsonPropertyName("size_bytes")] long SizeBytes,
    [property: JsonPropertyName("price")] decimal Price,
    [property: JsonPropertyName("is_public")] bool IsPublic,
    [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt,
    [property: JsonPropertyName("deleted_at")] DateTimeOffset? DeletedAt);

[JsonSerializable(typeof(ArtifactRow[]))]
internal sealed partial class ArtifactJson : JsonSerializerContext;
