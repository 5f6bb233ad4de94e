using System.Text.Json.Serialization;

namespace Agent.Sync.Kit;

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
