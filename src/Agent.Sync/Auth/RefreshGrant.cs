namespace Agent.Sync.Auth;

/// <summary>The body of a refresh.</summary>
internal sealed class RefreshGrant
{
    public required string RefreshToken { get; init; }
}
