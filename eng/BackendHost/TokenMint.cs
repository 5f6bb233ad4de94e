using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace BackendHost;

/// <summary>Makes tokens that a backend accepts, with the claims a test needs.</summary>
public static class TokenMint
{
    /// <summary>Signs a token.</summary>
    /// <param name="jwtSecret">The backend's <see cref="LocalBackendHost.JwtSecret"/>.</param>
    /// <param name="subject">The user's id. The user need not have signed up.</param>
    /// <param name="expires">When it ends, in whole seconds.</param>
    /// <param name="role">The database role.</param>
    /// <param name="claims">Claims beside the usual ones. Null, the default, for none.</param>
    /// <returns>A JWT.</returns>
    public static string Mint(string jwtSecret, Guid subject, DateTimeOffset expires, string role = "authenticated", JsonObject? claims = null)
    {
        var all = claims is null ? [] : (JsonObject)claims.DeepClone();
        all["sub"] = subject.ToString();
        all["role"] = role;
        all["aud"] = "authenticated";
        all["exp"] = expires.ToUnixTimeSeconds();
        var content = $"{Encode("""{"alg":"HS256","typ":"JWT"}""")}.{Encode(all.ToJsonString())}";
        return $"{content}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(jwtSecret), Encoding.UTF8.GetBytes(content)))}";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
