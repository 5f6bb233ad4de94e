namespace Agent.Sync.Auth;

/// <summary>Tells the keys that bypass row-level security.</summary>
internal static class SecretKey
{
    public const string ServiceRole = "service_role";

    private const string Prefix = "sb_secret_";

    public static bool Is(string keyOrToken) =>
        keyOrToken.StartsWith(Prefix, StringComparison.Ordinal) || Is(JwtClaims.TryRead(keyOrToken));

    public static bool Is(JwtClaims? claims) => string.Equals(claims?.Role, ServiceRole, StringComparison.Ordinal);
}
