using System.Text.Json.Serialization;

namespace Agent.Sync.Kit;

[JsonSourceGenerationOptions(AllowDuplicateProperties = false)]
[JsonSerializable(typeof(HorizonAnswer))]
internal sealed partial class KitJsonContext : JsonSerializerContext;
