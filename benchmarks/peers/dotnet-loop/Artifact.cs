using System.Text.Json;
using System.Text.Json.Serialization;

namespace DotnetLoop;

/// <summary>A row as an app's own class.</summary>
internal sealed record Artifact
{
    public required string Id { get; init; }

    public string? Type { get; init; }

    public string? Name { get; init; }

    public string? Content { get; init; }

    public JsonElement Metadata { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Version { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? OwnerId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UpdatedAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DeletedAt { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(List<Artifact>))]
internal sealed partial class ArtifactJson : JsonSerializerContext;
