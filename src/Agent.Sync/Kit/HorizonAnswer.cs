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
