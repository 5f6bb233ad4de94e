using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agent.Sync.IntegrationTests.Backends;

/// <summary>Makes tokens that the backend accepts, with the claims a test needs.</summary>
internal static class TokenMint
{
    public static AccessToken Mint(Backend backend, Guid subject, DateTimeOffset expires, string role = "authenticated")
    {
        var claims = new JsonObject
        {
            ["sub"] = subject.ToString(),
            ["role"] = role,
            ["aud"] = "authenticated",
            ["exp"] = expires.ToUnixTimeSeconds(),
        };
        var content = $"{Encode("""{"alg":"HS256","typ":"JWT"}""")}.{Encode(claims.ToJsonString())}";
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(backend.Host.JwtSecret), Encoding.UTF8.GetBytes(content));
        return new AccessToken($"{content}.{Base64Url.EncodeToString(signature)}");
    }

    /// <summary>Reads when a token ends.</summary>
    public static DateTimeOffset ExpiryOf(AccessToken token)
    {
        using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(token.Value.Split('.')[1]));
        return DateTimeOffset.FromUnixTimeSeconds(claims.RootElement.GetProperty("exp").GetInt64());
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
