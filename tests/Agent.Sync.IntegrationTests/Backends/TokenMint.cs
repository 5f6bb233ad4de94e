using System.Buffers.Text;
using System.Text.Json;

namespace Agent.Sync.IntegrationTests.Backends;

/// <summary>Makes and reads tokens.</summary>
internal static class TokenMint
{
    public static AccessToken Mint(Backend backend, Guid subject, DateTimeOffset expires, string role = "authenticated") =>
        new(BackendHost.TokenMint.Mint(backend.Host.JwtSecret, subject, expires, role));

    /// <summary>Reads when a token ends.</summary>
    public static DateTimeOffset ExpiryOf(AccessToken token)
    {
        using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(token.Value.Split('.')[1]));
        return DateTimeOffset.FromUnixTimeSeconds(claims.RootElement.GetProperty("exp").GetInt64());
    }
}
