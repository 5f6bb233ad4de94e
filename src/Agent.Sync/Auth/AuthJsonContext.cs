using System.Text.Json.Serialization;

namespace Agent.Sync.Auth;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PasswordGrant))]
[JsonSerializable(typeof(RefreshGrant))]
[JsonSerializable(typeof(GrantAnswer))]
internal sealed partial class AuthJsonContext : JsonSerializerContext;
