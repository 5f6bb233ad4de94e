namespace Agent.Sync.Auth;

/// <summary>What the auth server gives for a grant; the rest of its answer is not read.</summary>
internal sealed class GrantAnswer
{
    public string? AccessToken { get; set; }

    public string? RefreshToken { get; set; }

    /// <summary>Gets or sets the token's life in seconds from now; a moment by the server's clock would not fit the device's.</summary>
    public long ExpiresIn { get; set; }
}
