using System.Text.Json.Serialization;

namespace Agent.Sync.Tests;

internal sealed record ItemRow([property: JsonPropertyName("id")] long Id);
