using System.Text.Json.Serialization;

namespace Agent.Sync.Tests.Vocabulary;

internal sealed record ItemRow([property: JsonPropertyName("id")] long Id);
