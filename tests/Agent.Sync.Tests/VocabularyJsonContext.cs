using System.Text.Json.Serialization;

namespace Agent.Sync.Tests;

[JsonSerializable(typeof(ItemRow))]
internal sealed partial class VocabularyJsonContext : JsonSerializerContext;
