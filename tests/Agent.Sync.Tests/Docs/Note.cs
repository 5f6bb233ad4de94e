using System.Text.Json.Serialization;

namespace Agent.Sync.Tests.Docs;

internal sealed record Note
{
    [JsonPropertyName("id")]
    public required Guid Id { get; init; }

    [JsonPropertyName("title")]
    public required string Title { get; init; }

    [JsonPropertyName("text")]
    public required string Text { get; init; }

    [JsonPropertyName("updated_at")]
    public DateTimeOffset UpdatedAt { get; init; }
}

[JsonSerializable(typeof(Note))]
internal sealed partial class NotesJson : JsonSerializerContext;
