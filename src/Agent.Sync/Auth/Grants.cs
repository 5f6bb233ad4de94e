using System.Text.Json.Serialization;

namespace Agent.Sync.Auth;

/// <summary>What the auth server is sent and answers. Classes, since a record would print its secrets.</summary>
internal static class Grants
{
    /// <summary>The body of a sign-in by password.</summary>
    internal sealed class Password
    {
        public required string Email { get; init; }

        [JsonPropertyName("password")]
        public required string Secret { get; init; }
    }

    /// <summary>The body of a refresh.</summary>
    internal sealed class Refresh
    {
        public required string RefreshToken { get; init; }
    }

    /// <summary>The body of an anonymous sign-up: no address. The server refuses an empty one.</summary>
    internal sealed class Anonymous;

    /// <summary>The body that asks for a code by mail or by phone.</summary>
    internal sealed class Code
    {
        public string? Email { get; init; }

        public string? Phone { get; init; }

        public required bool CreateUser { get; init; }
    }

    /// <summary>The body of a sign-in by such a code.</summary>
    internal sealed class Verification
    {
        public required string Type { get; init; }

        public string? Email { get; init; }

        public string? Phone { get; init; }

        [JsonPropertyName("token")]
        public required string Code { get; init; }
    }

    /// <summary>What the auth server returns for a grant; the rest of its answer is not read.</summary>
    internal sealed class Answer
    {
        public string? AccessToken { get; set; }

        public string? RefreshToken { get; set; }

        /// <summary>Gets or sets the token's life in seconds from now; a moment by the server's clock would not fit the local one.</summary>
        public long ExpiresIn { get; set; }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Grants.Password))]
[JsonSerializable(typeof(Grants.Refresh))]
[JsonSerializable(typeof(Grants.Anonymous))]
[JsonSerializable(typeof(Grants.Code))]
[JsonSerializable(typeof(Grants.Verification))]
[JsonSerializable(typeof(SessionFileBody))]
[JsonSerializable(typeof(Grants.Answer))]
internal sealed partial class AuthJsonContext : JsonSerializerContext;
