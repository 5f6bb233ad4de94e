using System.Text.Json.Serialization;

namespace Agent.Sync.Kit;

/// <summary>The JSON of the kit's horizon function. Its 64-bit numbers are text, since a JSON number may pass through a double on its way.</summary>
internal sealed record HorizonAnswer
{
    [JsonPropertyName("kit")]
    public required int Kit { get; init; }

    [JsonPropertyName("server_time")]
    public DateTimeOffset? ServerTime { get; init; }

    [JsonPropertyName("horizon")]
    public string? Horizon { get; init; }

    [JsonPropertyName("next")]
    public string? Next { get; init; }

    [JsonPropertyName("oldest_writer_since")]
    public DateTimeOffset? OldestWriterSince { get; init; }

    [JsonPropertyName("tables")]
    public IReadOnlyDictionary<string, HorizonTable?>? Tables { get; init; }
}

/// <summary>One enabled table in the JSON of the kit's horizon function.</summary>
internal sealed record HorizonTable
{
    [JsonPropertyName("epoch")]
    public string? Epoch { get; init; }

    [JsonPropertyName("min_retained")]
    public string? MinRetained { get; init; }

    [JsonPropertyName("tombstones")]
    public string? Tombstones { get; init; }

    [JsonPropertyName("key")]
    public IReadOnlyList<string>? Key { get; init; }

    [JsonPropertyName("columns")]
    public IReadOnlyList<string>? Columns { get; init; }

    [JsonPropertyName("problem")]
    public string? Problem { get; init; }

    [JsonPropertyName("needs_restamp")]
    public bool NeedsRestamp { get; init; }

    [JsonPropertyName("policies_changed")]
    public bool PoliciesChanged { get; init; }
}

[JsonSourceGenerationOptions(AllowDuplicateProperties = false)]
[JsonSerializable(typeof(HorizonAnswer))]
internal sealed partial class KitJsonContext : JsonSerializerContext;
