using System.Text.Json.Serialization;

namespace Agent.Sync.Engine;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CursorPosition))]
internal sealed partial class CursorJsonContext : JsonSerializerContext;
